import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Ground } from '../../src/deliver/world.ts';
import { GitmendError } from '../../src/core/errors.ts';
import { set, shortWindow } from '../support/deliver-lab.ts';
import { type CommandLab, commandLab, expectGolden, readable } from './setting.ts';

describe('commands on a merged pull request', () => {
  let lab: CommandLab;
  let number: number;

  beforeAll(async () => {
    lab = await commandLab({ begin: shortWindow });
    number = await lab.propose('more', { 'guests/postgres.yaml': set('memory', 4096) });
    await lab.plan();
    lab.clock.advance(120_000);
    await lab.merge(number);
  });
  afterAll(() => lab.close());

  test('from pending to the way back, each state says what it is', async () => {
    expectGolden('merged-pending.md', readable(await lab.ask(number, '/status')));
    expectGolden('rollback-pending.md', readable(await lab.ask(number, '/rollback')));
    await lab.run();
    expectGolden('merged-verified.md', readable(await lab.ask(number, '/status')));
    expectGolden('worked-verified.md', readable(await lab.ask(number, '/worked')));
    expectGolden('retry-verified.md', readable(await lab.ask(number, '/retry')));
    expectGolden('plan-merged.md', readable(await lab.ask(number, '/plan')));
    expectGolden('rollback.md', readable(await lab.ask(number, '/rollback')));

    const back = (await lab.open()).get('revert');
    expect(back).toMatchObject({ title: 'postgres: memory 4096 → 2048 MiB (back)' });
    expectGolden('rollback-body.md', (back?.body ?? '').replaceAll(/sha256:[0-9a-f]{64}/g, 'sha256:…'));
    expect(lab.live(200)).toBe(4096);
  });

  test('a way back that is asked for twice is one pull request', async () => {
    const first = (await lab.open()).get('revert')?.number ?? 0;
    expect(await lab.ask(number, '/rollback')).toContain(`**Way back** #${first}:`);
    expect((await lab.lab.forge.pullRequests({ state: 'open' })).map((pr) => pr.number)).toEqual([first]);
  });

  test('that somebody closed the same way back is no answer to an approver who asks for it after that', async () => {
    const first = (await lab.open()).get('revert')?.number ?? 0;
    lab.clock.advance(60_000);
    await (await lab.as('maintainer')).close(first, 'not now');
    lab.clock.advance(60_000);
    expect(await lab.ask(number, '/rollback')).toMatch(/\*\*Way back\*\* #\d+:/);
    const again = (await lab.open()).get('revert')?.number ?? 0;
    expect(again).toBeGreaterThan(first);
    const id = await lab.say(number, '/rollback');
    lab.clock.advance(60_000);
    await (await lab.as('maintainer')).close(again, 'no');
    await lab.answerAll();
    expect((await lab.answersTo(number, id))[0]).toContain('after the comment was written');
    await lab.ask(number, '/rollback');
  });

  test('the way back is applied as any other pull request, and then there is nothing to take back', async () => {
    const back = (await lab.open()).get('revert')?.number ?? 0;
    lab.clock.advance(120_000);
    await lab.merge(back);
    await lab.run();
    expect(lab.live(200)).toBe(2048);
    expect(await lab.ask(number, '/rollback')).toContain('declared as before it already');
  });

  test('what somebody changed since is theirs', async () => {
    const next = await lab.propose('other', { 'guests/postgres.yaml': set('memory', 3072) });
    await lab.plan();
    lab.clock.advance(120_000);
    await lab.merge(next);
    await lab.run();
    expect(await lab.ask(number, '/rollback')).toContain('was changed again since');
  });
});

describe('a person’s word about a run that nobody could observe', () => {
  let lab: CommandLab;
  let number: number;

  /** Applies, and sees nothing afterwards. */
  const blind = (ground: Ground): Ground['engines'] => {
    const engines = ground.engines;
    return (rules) => ({
      ...engines(rules),
      look: () => Promise.reject(new GitmendError('PVE_UNREACHABLE', 'nothing answers')),
    });
  };

  beforeAll(async () => {
    lab = await commandLab({ begin: shortWindow });
    number = await lab.propose('more', { 'guests/postgres.yaml': set('memory', 4096) });
    await lab.plan();
    lab.clock.advance(120_000);
    await lab.merge(number);
    lab.write.engines = blind(lab.write);
    await lab.run();
    expect((await lab.record(number))?.outcome).toBe('inconclusive');
  });
  afterAll(() => lab.close());

  test('is a record of its own beside the run’s, which stays inconclusive', async () => {
    const [run] = (await lab.records()).filter(({ pullRequest }) => pullRequest?.number === number);
    expectGolden('failed.md', readable(await lab.ask(number, '/failed')));
    const own = (await lab.records()).filter(({ pullRequest }) => pullRequest?.number === number);
    expect(own.map(({ outcome, word }) => [outcome, word])).toEqual([
      ['inconclusive', undefined],
      ['inconclusive', { says: 'failed', by: 'maintainer', of: run?.run }],
    ]);
    expect(own[1]).toMatchObject({ reason: 'said-failed' });
    expect(own[1]).not.toHaveProperty('applied');
  });

  test('said again it is said again, and the last one counts', async () => {
    expectGolden('worked.md', readable(await lab.ask(number, '/worked')));
    expect((await lab.record(number))?.word).toMatchObject({ says: 'worked' });
  });

  test('a crash before the answer does not write it twice', async () => {
    const before = (await lab.records()).length;
    const id = await lab.say(number, '/failed');
    const forge = { ...lab.read.forge, ensureComment: () => Promise.reject(new Error('killed')) };
    await expect(lab.answerAll({ ...lab.read, forge })).rejects.toThrow('killed');
    lab.clock.advance(60_000);
    await lab.answerAll();
    expect((await lab.records()).length).toBe(before + 1);
    expect(await lab.answersTo(number, id)).toHaveLength(1);
  });

  test('changes nothing of what the runner does', async () => {
    const before = await lab.records();
    expect((await lab.pass()).events).toEqual([]);
    expect(await lab.records()).toEqual(before);
  });
});
