import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withMerger } from '../../src/deliver/automatic.ts';
import { approvalWords, mergingWords } from '../../src/records/policy-words.ts';
import { type DeliverLab, deliverLab, set } from '../support/deliver-lab.ts';

describe('where policy leaves everything to gitmend', () => {
  let lab: DeliverLab;
  beforeEach(async () => {
    const auto = (text: string) => text.replaceAll('level: approve\n', 'level: auto\n');
    lab = await deliverLab({ begin: { 'policies/guests.yaml': auto } });
  });
  afterEach(async () => expect(await lab.close()).toEqual([]));

  const statusOf = async (number: number) => {
    const { head } = await lab.lab.forge.pullRequest(number);
    return (await lab.lab.forge.statuses(head)).find(({ context }) => context === 'gitmend/policy');
  };

  it('ways out wait for a person, also where policy leaves everything to gitmend and it made their heads itself', async () => {
    await lab.pass();
    await lab.push('main', { 'guests/postgres.yaml': set('memory', 3072) });
    lab.setLive(200, { memory: 4096 });
    await lab.pass();
    const ways = await lab.open();
    expect([...ways.keys()].sort()).toEqual(['accept', 'insist', 'undo']);
    for (let pass = 0; pass < 3; pass += 1) {
      lab.clock.advance(70_000);
      await lab.plan();
      await lab.pass();
    }
    expect([...(await lab.open()).keys()].sort()).toEqual(['accept', 'insist', 'undo']);
    const insist = ways.get('insist')?.number ?? 0;
    const why = 'which way to go is for people to choose';
    expect(await statusOf(insist)).toMatchObject({ state: 'success', description: `waits for a person: ${why}` });
    const said = (await lab.comments(insist)).map(({ body }) => body).join('\n');
    expect(said).toContain(`**Merging approves exactly this**, and a person merges it, because ${why}.`);
    expect(said).not.toContain('gitmend merges it');
    await lab.merge(insist);
    await lab.run();
    expect(lab.live(200)).toBe(3072);
    expect(await lab.open()).toEqual(new Map());
  });

  it('a merge of a way out by the account of gitmend approves nothing', async () => {
    await lab.pass();
    await lab.push('main', { 'guests/postgres.yaml': set('memory', 3072) });
    lab.setLive(200, { memory: 4096 });
    await lab.pass();
    const insist = (await lab.open()).get('insist')?.number ?? 0;
    lab.clock.advance(120_000);
    await lab.merge(insist, { by: 'gitmend' });
    await lab.run();
    expect(lab.live(200)).toBe(4096);
  });

  it('the plan of a pull request of a person does not say that gitmend merges it', async () => {
    const number = await lab.propose('mine', { 'guests/postgres.yaml': set('memory', 3072) });
    await lab.plan();
    const [comment] = await lab.comments(number);
    expect(comment?.body).toContain('a person merges it, because gitmend merges only what it opened itself. If');
    expect((await statusOf(number))?.description).toBe('auto: the merge approves');
  });
});

it.each([
  ['auto', 'gitmend/resize-guest/a-1', 'builtin', undefined],
  ['notify', 'gitmend/resize-guest/a-1', 'ci', 'ci'],
  ['auto', 'gitmend/revert/a-1', 'builtin', 'choice'],
  ['notify', 'gitmend/undo/a-1', 'ci', 'choice'],
  ['auto', 'gitmend/restore/a-1', 'builtin', 'choice'],
  ['auto', 'gitmend/drift/a-1', 'builtin', 'choice'],
  ['approve', 'gitmend/undo/a-1', 'ci', undefined],
  ['approve-2', 'gitmend/resize-guest/a-1', 'ci', undefined],
] as const)('%s on %s with runner: %s is left to a person because of %s', (level, branch, runner, why) => {
  const verdict = { level, rule: 'guests', needs: 0, eligible: ['ann'], expiresAfter: 60 };
  const judged = withMerger(verdict, { author: 'gitmend', branch, fork: false }, { self: 'gitmend', runner });
  expect(judged.personMerges).toBe(why);
  const words = `${approvalWords(judged)} ${mergingWords(judged)}`;
  expect(words.includes('gitmend merges it')).toBe(level === 'auto' && why === undefined);
  expect(words.includes('a person merges it, because')).toBe(why !== undefined);
});
