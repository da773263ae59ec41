import { Command } from 'commander';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ciBot, type CiSteps } from '../../demo/ci-bot.ts';
import { type CiLab, openCiLab, openGithubCiLab } from '../../demo/ci-lab.ts';
import type { RunStep } from '../../demo/ci-runner.ts';
import { processSteps } from '../../demo/ci-steps.ts';
import type { PersonForge } from '../../demo/home.ts';
import type { Lab, LabOptions } from '../../demo/lab.ts';
import type { Gitea } from '../../simulators/gitea/index.ts';
import type { Github } from '../../simulators/github/index.ts';
import { registerAll } from '../../src/cli/register.ts';
import { isGitmendError } from '../../src/core/errors.ts';
import type { Clock } from '../../src/core/clock.ts';

/** A step of the template in this process: the words behind `gitmend`, with exactly the environment of the job. */
export function stepIn(clock: Clock): RunStep {
  return async (script, env) => {
    const [, words = ''] = /^gitmend ([a-z]+( (--)?[a-z0-9.]+)*)\n?$/.exec(script.trim()) ?? [];
    if (words === '') throw new Error(`a step of the template is not one gitmend command: ${script}`);
    return gitmend(words.split(' '), env, clock);
  };
}

/** One command of the terminal in this process, as its process would end. */
export async function gitmend(
  words: readonly string[],
  env: { [name: string]: string | undefined },
  clock: Clock,
): Promise<{ code: number; said: string }> {
  const ended = { code: 0, said: '' };
  const say = (text: string) => void (ended.said += text.endsWith('\n') ? text : `${text}\n`);
  const program = new Command('gitmend').exitOverride().configureOutput({ writeOut: say, writeErr: say });
  program.option('-C, --directory <dir>', '', '.').option('--verbose', '', false);
  registerAll(program, { env, clock, print: say, warn: say, exit: (code) => void (ended.code = code) });
  try {
    await program.parseAsync([...words], { from: 'user' });
  } catch (error) {
    if (!isGitmendError(error)) throw error;
    say(error.print());
    ended.code = error.code === 'USAGE' ? 2 : 1;
  }
  return ended;
}

/** Labs with CI whose jobs run in this process; only what is killed in the middle is a process of its own. */
export const openCi = {
  async gitea(options: LabOptions): Promise<CiLab<Gitea> & { steps: CiSteps }> {
    const made = await openCiLab(options);
    // Two that open at the same moment are two, as on a real one.
    made.server.world.unaware = 1;
    return { ...made, steps: await stepsIn(made.lab, options.clock) };
  },
  async github(options: LabOptions): Promise<CiLab<Github> & { steps: CiSteps }> {
    const made = await openGithubCiLab(options);
    return { ...made, steps: await stepsIn(made.lab, options.clock) };
  },
};

async function stepsIn(lab: Lab<PersonForge>, clock: Clock): Promise<CiSteps> {
  const { killed } = await processSteps(lab, () => undefined);
  return { step: stepIn(clock), killed };
}

export { ciBot };

/** The environment of one job, for tests that start a command themselves. */
export async function jobEnvironment(
  lab: Lab<PersonForge>,
  gitea: Gitea,
  wanted: { event: string; payload?: object; run?: string; ref?: string; more?: { [name: string]: string } },
): Promise<{ [name: string]: string }> {
  const file = join(lab.folder, `event-${Math.random()}.json`);
  await writeFile(file, JSON.stringify(wanted.payload ?? {}));
  return {
    GITHUB_ACTIONS: 'true',
    GITEA_ACTIONS: 'true',
    GITHUB_SERVER_URL: gitea.url,
    GITHUB_API_URL: `${gitea.url}/api/v1`,
    GITHUB_REPOSITORY: gitea.repository,
    GITHUB_RUN_ID: wanted.run ?? '900',
    GITHUB_EVENT_NAME: wanted.event,
    GITHUB_EVENT_PATH: file,
    GITHUB_REF: wanted.ref ?? 'refs/heads/main',
    RUNNER_TEMP: lab.folder,
    GITHUB_TOKEN: gitea.token('gitea-actions'),
    GITMEND_BOT: 'gitmend',
    ...wanted.more,
  };
}
