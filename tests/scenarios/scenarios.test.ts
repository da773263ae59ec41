import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { scenarios } from '../../demo/scenarios/index.ts';
import { openRepository } from '../../src/git/repository.ts';
import { verifyChain } from '../../src/ledger/verify.ts';
import { type InProcess, inProcess } from '../support/in-process.ts';

const opened: InProcess[] = [];

afterEach(async () => {
  for (const story of opened.splice(0)) await story.close();
});

describe('the stories of the demo, in one process and on a clock of their own', () => {
  it.each(scenarios)('$name: $about', { timeout: 120_000 }, async (scenario) => {
    const story = await inProcess((world, now) => scenario.trouble(world, now));
    opened.push(story);
    const outcome = await scenario.play(story.stage);
    const { lab } = story.stage;
    const refs = await refsOf(lab.folder, lab.forge.remote);
    expect({ outcome, locks: refs.locks, chain: refs.chain }, story.said.join('\n')).toEqual({
      outcome: scenario.promise,
      locks: [],
      chain: true,
    });
    expect(await story.close()).toEqual([]);
    opened.length = 0;
  });

  it('is every file beside the registry', () => {
    const files = readdirSync(resolve('demo/scenarios')).filter((name) => name !== 'index.ts');
    expect(scenarios.map(({ name }) => `${name}.ts`).toSorted()).toEqual(files.toSorted());
  });
});

/** What a story leaves in git: locks that are still held, and whether the chain of records holds. */
async function refsOf(folder: string, remote: string): Promise<{ locks: string[]; chain: boolean }> {
  const repo = await openRepository(`${folder}/state/after.git`, remote);
  await repo.fetch();
  const chain = await verifyChain(repo, { seen: undefined, signers: undefined });
  return { locks: [...(await repo.refs('refs/gitmend/locks')).keys()], chain: chain.ok };
}
