import { afterEach, describe, expect, it } from 'vitest';
import { scenarios } from '../../demo/scenarios/index.ts';
import { alertArrives } from '../../demo/story.ts';
import { memoryShort } from '../../simulators/pve/index.ts';
import { type InProcess, inProcess } from '../support/in-process.ts';

const opened: InProcess[] = [];
afterEach(async () => {
  for (const story of opened.splice(0)) await story.close();
});

async function stageFor(trouble: Parameters<typeof inProcess>[0]): Promise<InProcess> {
  const story = await inProcess(trouble);
  opened.push(story);
  return story;
}

describe('a story is told in the order in which it happens', () => {
  it('alert, evidence and diagnosis, pull request', { timeout: 60_000 }, async () => {
    const { stage, said } = await stageFor(memoryShort);
    await alertArrives(stage);
    expect(said).toEqual([
      'alert LxcMemoryHigh for lxc/200',
      expect.stringMatching(/^evidence: \d+ facts; diagnosis: postgres has been out of memory for 22 minutes: /),
      'pull request #1 postgres: memory 2048 → 3072 MiB',
    ]);
  });

  it('what is forged before the merge before it, what is forged after it after it', { timeout: 120_000 }, async () => {
    const tampered = scenarios.find(({ name }) => name === 'tampered');
    const { stage, said } = await stageFor((world, now) => tampered?.trouble(world, now) ?? world);
    await tampered?.play(stage);
    const told = said.filter((line) => /^(merged|a plan record|the plan comment|a journal)/.test(line));
    expect(told).toEqual([
      'a plan record was replaced',
      'merged by you (--auto)',
      'the plan comment was edited',
      'merged by you (--auto)',
      'merged by you (--auto)',
      'a journal was written that claims the effect',
    ]);
  });
});
