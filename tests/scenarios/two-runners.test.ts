import { afterEach, describe, expect, it } from 'vitest';
import { alertArrives, memoryOf, merge, recordsOf, type Stage, writes } from '../../demo/story.ts';
import { memoryShort } from '../../simulators/pve/index.ts';
import { openRepository } from '../../src/git/repository.ts';
import { computer } from '../support/machines.ts';
import { type InProcess, inProcess, openRunner, runToEnd } from '../support/in-process.ts';

const opened: InProcess[] = [];

afterEach(async () => {
  for (const story of opened.splice(0)) await story.close();
});

/** The memory story up to its merge. */
async function merged(): Promise<{ story: InProcess; stage: Stage; number: number }> {
  const story = await inProcess(memoryShort);
  opened.push(story);
  const { stage } = story;
  const pr = await alertArrives(stage);
  if (pr === undefined) throw new Error('no pull request was opened');
  await merge(stage, pr.number);
  return { story, stage, number: pr.number };
}

async function left({ lab }: Stage): Promise<string[]> {
  const repo = await openRepository(`${lab.folder}/state/after.git`, lab.forge.remote);
  await repo.fetch();
  const refs = [...(await repo.refs('refs/gitmend')).keys()];
  return refs.filter((ref) => ref !== 'refs/gitmend/applied');
}

describe('two runners on the same merge', () => {
  it.each([
    ['of one machine, in one mirror', false],
    ['of two machines, each with its own mirror', true],
  ])('%s make one run, one effect and one record', { timeout: 120_000 }, async (_, apart) => {
    const { story, stage, number } = await merged();
    const { lab } = stage;
    const elsewhere = {
      ...lab,
      env: { ...lab.env, write: { ...lab.env.write, GITMEND_STATE: `${lab.folder}/elsewhere` } },
    };
    const runners = [
      await openRunner(lab, story.computer),
      apart ? await openRunner(elsewhere, computer('elsewhere')) : await openRunner(lab, story.computer),
    ];
    await Promise.all(runners.map((ground) => runToEnd(ground, story.clock)));
    const records = (await recordsOf(lab)).filter(({ pullRequest }) => pullRequest?.number === number);
    expect(records.map(({ outcome }) => outcome)).toEqual(['verified']);
    expect([writes(stage), memoryOf(stage, 200)]).toEqual([1, 3072]);
    expect(await left(stage)).toEqual([]);
  });

  it(
    'wait where the first one died on another machine, until that machine finishes',
    { timeout: 120_000 },
    async () => {
      const { story, stage, number } = await merged();
      await stage.bot.runKilled();
      const there = await openRunner(stage.lab, computer('elsewhere'));
      expect(await runToEnd(there, story.clock)).toContain(`waiting: #${number}: run `);
      expect((await recordsOf(stage.lab)).filter(({ pullRequest }) => pullRequest?.number === number)).toEqual([]);
      await stage.bot.run();
      expect(await runToEnd(there, story.clock)).not.toContain('waiting');
      const [record] = (await recordsOf(stage.lab)).filter(({ pullRequest }) => pullRequest?.number === number);
      expect([record?.outcome, writes(stage)]).toEqual(['verified', 1]);
      expect(await left(stage)).toEqual([]);
    },
  );
});
