import { systemClock } from '../src/cli/clock.ts';
import { type Ending, endingOnSignals } from './ending.ts';
import { openLab, type Lab } from './lab.ts';
import type { Scenario } from './story.ts';
import { serveLab, type ServedLab } from './serve.ts';

/** Milliseconds between two looks of the stand-in for Alertmanager at its own alerts. */
const evaluation = 2000;

/** The stories that somebody who clicks can live through: in the others a script does something at the right moment. */
const clickable = ['memory', 'false-alarm', 'no-headroom', 'not-healed', 'own-host'];

/**
 * The demo with somebody who clicks: something goes wrong in the lab, the alert comes in, and the rest is on the page.
 * Ends with Ctrl-C, and leaves no process. Returns the exit code.
 */
export async function playServed(scenario: Scenario, say: (text: string) => void): Promise<number> {
  if (!clickable.includes(scenario.name)) {
    const next = `npm run demo -- --auto --scenario ${scenario.name}`;
    process.stderr.write(
      `${scenario.name} is played by a script; with a page there are ${clickable.join(', ')}\n  next: ${next}\n`,
    );
    return 2;
  }
  const ending = endingOnSignals(() => say('ending: the two processes finish what they are at'));
  const lab = await openLab({ clock: systemClock, trouble: (world, now) => scenario.trouble(world, now) });
  let served: ServedLab | undefined;
  // An alert without its cause goes on firing.
  lab.stubborn = scenario.name === 'false-alarm';
  try {
    say('started: forge, Proxmox stand-in (home: pve1, 5 guests), alerts');
    served = await serveLab(lab, { window: '30s', unwanted: ending.thrown });
    say('started: gitmend serve and gitmend runner, each with its own credentials');
    invite(served);
    return failed(await Promise.race([ending.asked, alerting(lab, served, say, ending), served.ended]));
  } catch (error) {
    return ending.begun ? 0 : failed(error instanceof Error ? error.message : String(error));
  } finally {
    await served?.stop();
    await lab.close();
    process.stdout.write(`        repository and records: ${lab.folder}\n`);
  }
}

/** The token stands behind a `#`: no server and no log gets it, and the page takes it out of the address at once. */
function invite({ page, token, moved }: ServedLab): void {
  const why = moved === undefined ? '' : `   (port ${moved} is taken by another program)`;
  process.stdout.write(`\n        open   ${page}/login#${token}${why}\n        token  ${token}\n\n`);
}

function failed(why: string): number {
  if (why !== '') process.stderr.write(`failed: ${why}\n`);
  return why === '' ? 0 : 1;
}

/** What Alertmanager does: says so when the alert begins to fire, and when it does not any more. */
async function alerting(lab: Lab, served: ServedLab, say: (text: string) => void, ending: Ending): Promise<string> {
  const name = `${lab.alert.labels['alertname'] ?? ''} for ${lab.alert.labels['id'] ?? ''}`;
  // Time to open the page before anything happens on it.
  await ending.pause(3000);
  for (let fired = false; !ending.begun;) {
    const firing = await fires(lab);
    if (firing !== fired) {
      await served.send(firing ? 'firing' : 'resolved');
      say(firing ? `alert ${name}; the rest is on the page, Ctrl-C ends everything` : `alert ${name} resolved`);
    }
    fired = firing;
    await ending.pause(evaluation);
  }
  return '';
}

async function fires({ alertmanager }: Lab): Promise<boolean> {
  const answer = await fetch(`${alertmanager.url}/api/v2/alerts`);
  return ((await answer.json()) as unknown[]).length > 0;
}
