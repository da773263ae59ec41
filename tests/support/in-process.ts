import { rm } from 'node:fs/promises';
import { Command } from 'commander';
import type { Bot } from '../../demo/bot.ts';
import type { PersonForge } from '../../demo/home.ts';
import { type Lab, type LabHome, type LabOptions, openLab } from '../../demo/lab.ts';
import type { Scenario, Stage } from '../../demo/story.ts';
import { openGround } from '../../src/cli/ground.ts';
import { registerAll } from '../../src/cli/register.ts';
import type { Ground } from '../../src/deliver/world.ts';
import { runnerPass } from '../../src/pipeline/deliver.ts';
import { type Computer, computer } from './machines.ts';
import { Killed, mortal } from './points.ts';
import { pveContract } from './pve-contract.ts';
import { type TestClock, testClock } from './test-clock.ts';

/** A story's stage without child processes and without real time. */
export interface InProcess {
  stage: Stage;
  clock: TestClock;
  computer: Computer;
  /** What the story said so far. */
  said: string[];
  /** Ends every lab of the story and removes its folder. Returns what PVE's own description says against its requests. */
  close(): Promise<string[]>;
}

/** Opens the stage of one scenario. */
export async function inProcess(
  trouble: Scenario['trouble'],
  clock = testClock(),
  open: (options: LabOptions) => Promise<Lab<PersonForge>> = openLab,
): Promise<InProcess> {
  const labs: Lab<PersonForge>[] = [];
  const said: string[] = [];
  const here = computer();
  const another = async (wanted: Scenario['trouble']): Promise<Stage> => {
    const lab = await open({ clock, trouble: wanted });
    labs.push(lab);
    return { lab, bot: inProcessBot(lab, clock, here), say: (line) => said.push(line), another };
  };
  return { stage: await another(trouble), clock, computer: here, said, close: () => closeAll(labs) };
}

/** The commands of gitmend as functions: `run` jumps the clock from look to look until nothing is being verified. */
export function inProcessBot(lab: Lab<PersonForge>, clock: TestClock, here: Computer): Bot {
  const call = (...words: string[]) => command(lab, words);
  return {
    heal: (hear) => command(lab, ['heal', lab.payload], hear),
    plan: () => call('plan'),
    drift: () => call('drift'),
    restore: (target) => call('restore', target),
    status: () => call('status'),
    run: async () => runToEnd(await openRunner(lab, here), clock),
    async runKilled() {
      const ground = await openRunner(lab, here);
      // PVE has done what it was asked, and nobody wrote it down.
      const killed = mortal(ground, (point) => point === 'after applier.apply');
      await runToEnd(killed, clock).then(
        () => Promise.reject(new Error('the runner ended before it could be killed')),
        (error: unknown) => (error instanceof Killed ? undefined : Promise.reject(error as Error)),
      );
      here.kill(ground.machine);
    },
  };
}

/** The ground of a runner, as a new process of this computer. */
export async function openRunner(lab: LabHome<PersonForge>, here: Computer): Promise<Ground> {
  return openAs(lab, 'write', here);
}

/** The ground of either role, as a new process of this computer. */
export async function openAs(lab: LabHome<PersonForge>, role: 'read' | 'write', here: Computer): Promise<Ground> {
  const { clone: directory, clock } = lab;
  const env = { PATH: process.env['PATH'], HOME: lab.folder, ...lab.env[role] };
  const ground = await openGround({ directory, role, account: 'gitmend', env, clock, log: () => undefined });
  return { ...ground, machine: here.process() };
}

/** Passes until nothing is being verified, the clock going from one look to the next. Returns what happened, line by line. */
export async function runToEnd(ground: Ground, clock: TestClock): Promise<string> {
  const said: string[] = [];
  for (let pass = 0; pass < 100; pass += 1) {
    const { events, waiting, next } = await runnerPass(ground);
    said.push(...events, ...waiting.map((why) => `waiting: ${why}`));
    if (next === undefined) return said.join('\n');
    clock.reach(next);
  }
  throw new Error(`the runner does not come to an end:\n${said.join('\n')}`);
}

/** One command of the terminal with the read role's environment: what it printed. */
async function command(
  lab: Lab<PersonForge>,
  words: string[],
  hear: (line: string) => void = () => undefined,
): Promise<string> {
  const said: string[] = [];
  const say = (text: string) => {
    said.push(text);
    for (const line of text.split('\n')) hear(line);
  };
  const program = new Command('gitmend').exitOverride();
  program.option('-C, --directory <dir>').option('--verbose', '', false);
  registerAll(program, {
    env: { PATH: process.env['PATH'], HOME: lab.folder, ...lab.env.read },
    clock: lab.clock,
    print: say,
    warn: say,
    exit: () => undefined,
  });
  await program.parseAsync(['-C', lab.clone, ...words], { from: 'user' });
  return said.join('\n').trim();
}

const contract = pveContract();

async function closeAll(labs: readonly Lab<PersonForge>[]): Promise<string[]> {
  const violations: string[] = [];
  for (const lab of labs) {
    for (const { method, path, parameters } of lab.pve.requests)
      violations.push(...contract.check(method, path, parameters));
    await lab.end();
    await rm(lab.folder, { recursive: true, force: true });
  }
  return [...new Set(violations)];
}
