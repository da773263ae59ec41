import { parseArgs } from 'node:util';
import { systemClock } from '../src/cli/clock.ts';
import { processBot } from './bot.ts';
import { openWithCi } from './ci-lab.ts';
import { giteaHome, giteaPlace, giteaStandIn } from './gitea-home.ts';
import { githubHome, githubPlace } from './github-home.ts';
import type { Home, PersonForge } from './home.ts';
import { type Lab, type LabOptions, openLab, openLabOn } from './lab.ts';
import { openWithRealCi } from './real-ci.ts';
import { scenarios } from './scenarios/index.ts';
import { playServed } from './serve-play.ts';
import { type Scenario, type Stage, StoryError } from './story.ts';

const usage = `usage: npm run demo -- [options]

  --auto             plays the story by itself; without it, on pages to click in
  --list             lists the stories
  --scenario <name>  the story; memory unless told
  --forge <kind>     local, gitea or github; local unless told
  --url <address>    of a real Gitea, in place of a stand-in (docs/forges.md)
  --runner <kind>    builtin or ci; builtin unless told
  --help             prints this
`;

const { values } = parsed();

process.exitCode = values.help === true ? help() : values.list === true ? list() : await play();

function parsed() {
  try {
    return parseArgs({
      options: {
        help: { type: 'boolean', short: 'h' },
        auto: { type: 'boolean' },
        list: { type: 'boolean' },
        scenario: { type: 'string', default: 'memory' },
        forge: { type: 'string', default: 'local' },
        url: { type: 'string' },
        runner: { type: 'string', default: 'builtin' },
      },
    });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exit(2);
  }
}

function help(): number {
  process.stdout.write(usage);
  return 0;
}

function list(): number {
  const width = Math.max(...scenarios.map(({ name }) => name.length));
  const lines = scenarios.map(({ name, promise, about }) => `${name.padEnd(width)}  ${promise.padEnd(13)}  ${about}`);
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

async function play(): Promise<number> {
  const scenario = scenarios.find(({ name }) => name === values.scenario);
  if (scenario === undefined) {
    const known = scenarios.map(({ name }) => name).join(', ');
    process.stderr.write(
      `there is no scenario ${JSON.stringify(values.scenario)}; known: ${known}\n  next: npm run demo -- --auto --scenario memory\n`,
    );
    return 2;
  }
  const refusal = forgeRefusal();
  if (refusal !== undefined) {
    process.stderr.write(`${refusal}\n`);
    return 2;
  }
  return values.auto === true ? playOne(scenario) : playServed(scenario, saying());
}

function forgeRefusal(): string | undefined {
  if (!['builtin', 'ci'].includes(values.runner)) return 'the runner is builtin or ci';
  if (values.runner === 'ci') return ciRefusal();
  if (values.forge === 'local') return undefined;
  if (values.forge !== 'gitea' && values.forge !== 'github')
    return `there is no demo on ${JSON.stringify(values.forge)}; known: local, gitea, github`;
  // The page of `serve` lets people approve, which on a server they do on its own pages.
  if (values.auto !== true) return 'on a server the demo plays by itself: add --auto';
  const hosted = values.forge === 'github' && values.url !== undefined;
  return hosted ? 'the demo plays on a stand-in for GitHub: leave --url out' : undefined;
}

/** On a stand-in the jobs are run by a small runner of the demo's own; a real Gitea (`--url`) has its own runner. */
function ciRefusal(): string | undefined {
  const hosted = values.forge === 'github' && values.url !== undefined;
  if (!isCiForge(values.forge) || values.auto !== true || hosted)
    return '--runner ci plays on a stand-in: npm run demo -- --auto --forge gitea --runner ci, or --forge github';
  return undefined;
}

function isCiForge(forge: string): forge is 'gitea' | 'github' {
  return forge === 'gitea' || forge === 'github';
}

/** Opens a lab on the forge that was named. */
async function openNamed(options: LabOptions): Promise<Lab<PersonForge>> {
  if (values.forge === 'local') return openLab(options);
  if (values.forge === 'github') {
    const place = await githubPlace(options.clock);
    return onStandIn(place, githubHome(place), options);
  }
  if (onRealGitea()) return openLabOn(await giteaHome(giteaPlace(values.url, process.env)), options);
  const place = await giteaStandIn(options.clock);
  return onStandIn(place, await giteaHome(place), options);
}

/** One that is named; the environment names one for the tests as well, and with CI only `--url` counts. */
function onRealGitea(): boolean {
  const tested = values.runner === 'ci' ? undefined : process.env['GITMEND_TEST_GITEA_URL'];
  return values.forge === 'gitea' && (values.url ?? tested ?? '') !== '';
}

function openCi(
  forge: 'gitea' | 'github',
  options: LabOptions,
  say: (line: string) => void,
): Promise<Pick<Stage, 'lab' | 'bot'>> {
  if (values.url === undefined) return openWithCi(forge, options, say);
  return openWithRealCi(options, giteaPlace(values.url, process.env), say);
}

/** The stand-in ends with its lab. */
async function onStandIn(
  place: { close: () => Promise<void> },
  home: Home<PersonForge>,
  options: LabOptions,
): Promise<Lab<PersonForge>> {
  const lab = await openLabOn(home, options);
  const closeLab = lab.close.bind(lab);
  // The lab itself, because it is looked at and changed while it stands.
  return Object.assign(lab, {
    close: async () => {
      await closeLab();
      await place.close();
    },
  });
}

/** Lines with the seconds since the start. */
function saying(): (text: string) => void {
  const begun = systemClock.now();
  return (text) => process.stdout.write(`${((systemClock.now() - begun) / 1000).toFixed(1).padStart(4)} s  ${text}\n`);
}

/** Plays one story in real time. The last line is the outcome; exit 0 only when it is the promised one. */
async function playOne(scenario: Scenario): Promise<number> {
  const say = saying();
  const labs: Lab<PersonForge>[] = [];
  const open = async (trouble: Scenario['trouble']): Promise<Stage> => {
    if (values.runner === 'ci' && isCiForge(values.forge)) {
      const { lab, bot } = await openCi(values.forge, { clock: systemClock, trouble }, say);
      labs.push(lab);
      return { lab, bot, say, another: open };
    }
    const lab = await openNamed({ clock: systemClock, trouble });
    labs.push(lab);
    return { lab, bot: processBot(lab, say), say, another: open };
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => {
      leave(labs);
      process.stderr.write(`stopped by ${signal} before its end\n`);
      process.exit(1);
    });
  try {
    const stage = await open((world, now) => scenario.trouble(world, now));
    say(`started: forge, Proxmox stand-in (home: pve1, 5 guests), alerts   ${stage.lab.pve.endpoint}`);
    const outcome = await scenario.play(stage);
    leave(labs);
    if (outcome !== scenario.promise) process.stderr.write(`failed: ${scenario.promise} was promised\n`);
    process.stdout.write(`${outcome}\n`);
    return outcome === scenario.promise ? 0 : 1;
  } catch (error) {
    leave(labs);
    const why =
      error instanceof StoryError
        ? error.message
        : error instanceof Error
          ? (error.stack ?? error.message)
          : String(error);
    process.stderr.write(`failed: ${why}\n`);
    return 1;
  } finally {
    for (const lab of labs) await lab.close();
  }
}

function leave(labs: readonly Lab<PersonForge>[]): void {
  for (const { folder, forge } of labs)
    process.stdout.write(`        repository and records: ${onRealGitea() ? forge.remote : folder}\n`);
}
