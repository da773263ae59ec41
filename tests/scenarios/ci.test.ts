import { rm } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { openWithCi } from '../../demo/ci-lab.ts';
import { ciBot } from '../../demo/ci-bot.ts';
import type { PersonForge } from '../../demo/home.ts';
import type { Lab } from '../../demo/lab.ts';
import { crash } from '../../demo/scenarios/crash.ts';
import { scenarios } from '../../demo/scenarios/index.ts';
import type { Scenario, Stage } from '../../demo/story.ts';
import { systemClock } from '../../src/cli/clock.ts';
import type { Gitea } from '../../simulators/gitea/index.ts';
import { openCi } from '../ci/in-process.ts';
import { faultsOf } from '../forges/gitea/described.ts';
import { inProcessBot } from '../support/in-process.ts';
import { computer } from '../support/machines.ts';
import { testClock } from '../support/test-clock.ts';

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A story whose jobs are those of the template's workflows, and whose only process beside them is the service. */
function withCi() {
  const clock = testClock();
  const here = computer();
  const said: string[] = [];
  const opened: { lab: Lab<PersonForge>; gitea: Gitea }[] = [];
  const open = async (trouble: Scenario['trouble']): Promise<Stage> => {
    const { lab, gitea, steps } = await openCi({ clock, trouble });
    opened.push({ lab, gitea });
    closing.push(async () => {
      await lab.close();
      await rm(lab.folder, { recursive: true, force: true });
    });
    const bot = ciBot(lab, gitea, inProcessBot(lab, clock, here), steps);
    return { lab, bot, say: (line) => said.push(line), another: open };
  };
  return { open, opened, said };
}

describe('the stories of the demo with CI as the runner', () => {
  it.each(scenarios.filter(({ name }) => name !== 'crash'))('$name: $about', { timeout: 180_000 }, async (scenario) => {
    const { open, opened, said } = withCi();
    const outcome = await scenario.play(await open((world, now) => scenario.trouble(world, now)));
    expect(outcome, said.join('\n')).toBe(scenario.promise);
    for (const { gitea } of opened) {
      const { world, requests } = gitea;
      expect([...new Set(requests.flatMap(faultsOf))]).toEqual([]);
      // One comment of each kind, edited in place, all of them by the job's own account.
      const texts = world.notes.filter(({ type, body }) => type === 'comment' && body.startsWith('<!-- gitmend:'));
      const names = texts.map(({ pull, body }) => `#${pull} ${body.split('\n')[0] ?? ''}`);
      expect(names).toEqual([...new Set(names)]);
      // No job has left a lock behind that the forge would not prove to be over.
      expect(world.actions?.runs.every(({ status }) => status === 'completed')).not.toBe(false);
    }
  });
});

describe('with jobs that are processes of a shell, on the time of this machine', () => {
  it(`crash: ${crash.about}`, { timeout: 180_000 }, async () => {
    const said: string[] = [];
    const open = async (trouble: Scenario['trouble']): Promise<Stage> => {
      const { lab, bot } = await openWithCi({ clock: systemClock, trouble }, (line) => said.push(line));
      closing.push(async () => {
        await lab.close();
        await rm(lab.folder, { recursive: true, force: true });
      });
      return { lab, bot, say: (line) => said.push(line), another: open };
    };
    const outcome = await crash.play(await open((world, now) => crash.trouble(world, now)));
    expect(outcome, said.join('\n')).toBe('verified');
  });
});
