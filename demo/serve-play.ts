import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../src/cli/clock.ts';
import { openLab, type Lab } from './lab.ts';
import type { Scenario } from './story.ts';
import { serveLab, type ServedLab } from './serve.ts';

/** Milliseconds between two looks of the stand-in for Alertmanager at its own alerts. */
const evaluation = 2000;

/**
 * The demo with somebody who clicks: something goes wrong in the lab, the alert comes in, and the rest is on the page.
 * Ends with Ctrl-C, and leaves no process. Returns the exit code.
 */
export async function playServed(scenario: Scenario, say: (text: string) => void): Promise<number> {
  const stop = asked();
  const lab = await openLab({ clock: systemClock, trouble: (world, now) => scenario.trouble(world, now) });
  say('started: forge, Proxmox stand-in (home: pve1, 5 guests), alerts');
  let served: ServedLab | undefined;
  try {
    served = await serveLab(lab, { window: '30s' });
    say('started: gitmend serve and gitmend runner, each with its own credentials');
    process.stdout.write(`\n        open   ${served.page}\n        token  ${served.token}\n\n`);
    const why = await Promise.race([stop.promise, alerting(lab, served, say, stop), served.ended]);
    if (why !== '') process.stderr.write(`failed: ${why}\n`);
    return why === '' ? 0 : 1;
  } catch (error) {
    process.stderr.write(`failed: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    await served?.stop();
    await lab.close();
    process.stdout.write(`        repository and records: ${lab.folder}\n`);
  }
}

interface Stop {
  asked: boolean;
  promise: Promise<string>;
}

function asked(): Stop {
  const stop: Stop = { asked: false, promise: Promise.resolve('') };
  stop.promise = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        stop.asked = true;
        resolve('');
      });
    }
  });
  return stop;
}

/** What Alertmanager does: says so when the alert begins to fire, and when it does not any more. */
async function alerting(lab: Lab, served: ServedLab, say: (text: string) => void, stop: Stop): Promise<string> {
  const name = `${lab.alert.labels['alertname'] ?? ''} for ${lab.alert.labels['id'] ?? ''}`;
  // Time to open the page before anything happens on it.
  await Promise.race([sleep(3000), stop.promise]);
  for (let fired = false; !stop.asked;) {
    const firing = await fires(lab);
    if (firing !== fired) {
      await served.send(firing ? 'firing' : 'resolved');
      say(firing ? `alert ${name}; the rest is on the page, Ctrl-C ends everything` : `alert ${name} resolved`);
    }
    fired = firing;
    await Promise.race([sleep(evaluation), stop.promise]);
  }
  return '';
}

async function fires({ alertmanager }: Lab): Promise<boolean> {
  const answer = await fetch(`${alertmanager.url}/api/v2/alerts`);
  return ((await answer.json()) as unknown[]).length > 0;
}
