import { rm } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { openWithCi } from '../../demo/ci-lab.ts';
import { ciBot } from '../../demo/ci-bot.ts';
import type { PersonForge } from '../../demo/home.ts';
import type { Lab } from '../../demo/lab.ts';
import { crash } from '../../demo/scenarios/crash.ts';
import { scenarios } from '../../demo/scenarios/index.ts';
import { pushEdit, type Scenario, type Stage } from '../../demo/story.ts';
import { systemClock } from '../../src/cli/clock.ts';
import type { Gitea } from '../../simulators/gitea/index.ts';
import type { Github } from '../../simulators/github/index.ts';
import { openCi } from '../ci/in-process.ts';
import { beyondScopes } from '../ci/scopes.ts';
import { faultsOf as faultsOfGitea } from '../forges/gitea/described.ts';
import { faultsOf as faultsOfGithub } from '../forges/github/described.ts';
import { inProcessBot } from '../support/in-process.ts';
import { computer } from '../support/machines.ts';
import { testClock } from '../support/test-clock.ts';

const closing: (() => Promise<unknown>)[] = [];

function closedAfter(lab: Lab<PersonForge>): void {
  closing.push(async () => {
    await lab.end();
    await rm(lab.folder, { recursive: true, force: true });
  });
}

/** What a stand-in was left with: requests and answers that its description does not have, comments, runs under way. */
interface Left {
  faults: string[];
  /** `#N first line` of each comment of gitmend's. */
  comments: string[];
  running: number;
}

const leftOn = {
  gitea: ({ world, requests }: Gitea): Left => ({
    faults: requests.flatMap(faultsOfGitea),
    comments: named(world.notes.filter(({ type }) => type === 'comment').map((one) => ({ ...one, thread: one.pull }))),
    running: (world.actions?.runs ?? []).filter(({ status }) => status !== 'completed').length,
  }),
  github: ({ world, requests, repository }: Github): Left => ({
    faults: [...requests.flatMap(faultsOfGithub), ...beyondScopes(requests, repository)],
    comments: named(world.said),
    running: world.runs.filter(({ status }) => status !== 'completed').length,
  }),
};

function named(said: readonly { thread: number; body: string }[]): string[] {
  const own = said.filter(({ body }) => body.startsWith('<!-- gitmend:'));
  return own.map(({ thread, body }) => `#${thread} ${body.split('\n')[0] ?? ''}`);
}

/** A story whose jobs are those of the template's workflows, and whose only process beside them is the service. */
function withCi(forge: 'gitea' | 'github') {
  const clock = testClock();
  const here = computer();
  const said: string[] = [];
  const left: (() => Left)[] = [];
  const open = async (trouble: Scenario['trouble']): Promise<Stage> => {
    const { lab, ci, steps } = await opened[forge]({ clock, trouble });
    closedAfter(lab);
    const bot = ciBot(lab, ci, inProcessBot(lab, clock, here), steps);
    return { lab, bot, say: (line) => said.push(line), another: open };
  };
  const opened = {
    async gitea(options: Parameters<typeof openCi.gitea>[0]) {
      const made = await openCi.gitea(options);
      left.push(() => leftOn.gitea(made.server));
      return made;
    },
    async github(options: Parameters<typeof openCi.github>[0]) {
      const made = await openCi.github(options);
      left.push(() => leftOn.github(made.server));
      return made;
    },
  };
  return { open, left, said };
}

/** Every story of the demo with CI as the runner on one forge; only *crash* with jobs that are processes. */
export function storiesWithCi(forge: 'gitea' | 'github'): void {
  describe(`the stories of the demo with CI as the runner, on ${forge}`, () => {
    afterEach(async () => {
      for (const close of closing.splice(0).reverse()) await close();
    });

    it.each(scenarios.filter(({ name }) => name !== 'crash'))(
      '$name: $about',
      { timeout: 180_000 },
      async (scenario) => {
        const { open, left, said } = withCi(forge);
        const outcome = await scenario.play(await open((world, now) => scenario.trouble(world, now)));
        expect(outcome, said.join('\n')).toBe(scenario.promise);
        for (const look of left) {
          const { faults, comments, running } = look();
          expect([...new Set(faults)]).toEqual([]);
          // One comment of each kind, edited in place, all of them by the job's own account.
          expect(comments).toEqual([...new Set(comments)]);
          // No job has left a lock behind that the forge would not prove to be over.
          expect(running).toBe(0);
        }
      },
    );

    it(`crash, with processes of a shell on this machine's time: ${crash.about}`, { timeout: 180_000 }, async () => {
      const said: string[] = [];
      const open = async (trouble: Scenario['trouble']): Promise<Stage> => {
        const { lab, bot } = await openWithCi(forge, { clock: systemClock, trouble }, (line) => said.push(line));
        closedAfter(lab);
        const stage = { lab, bot, say: (line: string) => said.push(line), another: open };
        // What is waited for here passes on this machine's own clock.
        const short = { 'gitmend.yaml': (text: string) => text.replace('window: 5s', 'window: 1s') };
        await pushEdit(stage, 'main', short, 'a short window');
        return stage;
      };
      const outcome = await crash.play(await open((world, now) => crash.trouble(world, now)));
      expect(outcome, said.join('\n')).toBe('verified');
    });
  });
}
