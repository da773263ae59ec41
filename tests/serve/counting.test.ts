import { describe, expect, it } from 'vitest';
import { GitmendError } from '../../src/core/errors.ts';
import type { Forge } from '../../src/forges/forge.ts';
import { countingForge } from '../../src/serve/forge-writes.ts';
import { countingWaits } from '../../src/serve/instruments.ts';
import { gauge } from '../../src/serve/gauge.ts';
import { openMetrics } from '../../src/serve/metrics.ts';
import type { Store } from '../../src/store/index.ts';
import type { OpenPullRequest } from '../../src/web/view/picture.ts';
import { picture } from '../web/view/pictures.ts';

const writes = [
  'ensurePullRequest',
  'ensureComment',
  'ensureStatus',
  'merge',
  'close',
  'ensureIssue',
  'react',
] as const;

/** A forge whose every verb answers with its own name, or fails. */
function forgeThat(fails?: Error): Forge {
  const verb = (name: string) => async (given: unknown) => {
    if (fails !== undefined) throw fails;
    return [name, given];
  };
  return Object.fromEntries(
    [...writes, 'pullRequests', 'reviews'].map((name) => [name, verb(name)]),
  ) as unknown as Forge;
}

describe('a forge whose writes are counted', () => {
  it.each(writes)('counts what %s did, and gives its answer on', async (name) => {
    const told: string[] = [];
    const forge = countingForge(forgeThat(), (...said) => told.push(said.join(' ')));
    expect(await (forge[name] as (given: unknown) => Promise<unknown>)(7)).toEqual([name, 7]);
    expect(told).toEqual([`${name} done`]);
  });

  it.each([
    [new GitmendError('FORGE_REFUSED', 'no'), 'close FORGE_REFUSED'],
    [new Error('a bug'), 'close failed'],
  ])('counts why a write failed, and fails as it did: %s', async (failure, line) => {
    const told: string[] = [];
    const forge = countingForge(forgeThat(failure), (...said) => told.push(said.join(' ')));
    await expect(forge.close(7, 'why')).rejects.toBe(failure);
    expect(told).toEqual([line]);
  });

  it('counts nothing that is only read', async () => {
    const told: string[] = [];
    const forge = countingForge(forgeThat(), (...said) => told.push(said.join(' ')));
    await forge.pullRequests({ state: 'all' });
    await forge.reviews(7);
    expect(told).toEqual([]);
  });
});

it('every wait that the forge asks for is a line of the log and counted', async () => {
  const metrics = openMetrics();
  const lines: string[] = [];
  const log = countingWaits((event, facts) => void lines.push(`${event} ${JSON.stringify(facts)}`), metrics);
  log('forge-waits', { wait: 1000 });
  log('proposed', {});
  log('forge-waits', { wait: 2000 }, 'warn');
  expect(lines).toEqual(['forge-waits {"wait":1000}', 'proposed {}', 'forge-waits {"wait":2000}']);
  expect((await metrics.print()).text).toContain('gitmend_forge_waits_total 2');
});

it('the gauges say what waits, taken or not, what is dead in both boxes, and what is open', async () => {
  const counts = (waiting: number, taken: number, dead: number) => ({
    counts: async () => ({ waiting, taken, dead, done: 1000 }),
  });
  const store = { inbox: counts(2, 1, 40), outbox: counts(30, 20, 500) } as unknown as Store;
  const metrics = openMetrics();
  await gauge(metrics, store, picture({ open: [{}, {}] as unknown as OpenPullRequest[] }));
  const lines = (await metrics.print()).text.split('\n').filter((line) => /^gitmend_\w+\{(box|state)=/.test(line));
  expect(lines.map((line) => line.replace(/^gitmend_\w+/, ''))).toEqual([
    '{box="in"} 3',
    '{box="out"} 50',
    '{box="dead"} 540',
    '{state="pull-requests"} 2',
    '{state="unapproved"} 0',
    '{state="verifying"} 0',
  ]);
});
