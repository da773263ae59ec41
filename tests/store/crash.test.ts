import { expect, test } from 'vitest';
import { delivery, onBothEngines, onPostgres, opened } from './engines.ts';
import { inProcess } from './processes.ts';

onBothEngines('killed with -9', (engine) => {
  test('in the middle of a burst, everything that was acknowledged is there', async () => {
    const where = await engine.empty();
    const acknowledged = await inProcess(where, 'burst', { until: (lines) => lines.length >= 200 });
    expect(acknowledged.length).toBeGreaterThanOrEqual(200);
    const store = await opened({ ...where, clock: Date });
    const kept = new Set<string>();
    for (let next = await store.inbox.take(60, 'test'); next !== undefined; next = await store.inbox.take(60, 'test')) {
      kept.add(next.id);
      expect(next.payload).toEqual({ text: 'x'.repeat(2000) });
    }
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
  });

  test('while it works, what it had taken is taken over, and what it finished is not', async () => {
    const where = await engine.empty();
    const store = await opened({ ...where, clock: Date });
    const ids = Array.from({ length: 300 }, (_, at) => `${at}`);
    await Promise.all(ids.map((id) => store.inbox.accept(delivery(id))));
    const told = await inProcess(where, 'work', { name: 'killed', until: (lines) => lines.length >= 101 });
    const finished = told.flatMap((line) => (line.startsWith('done ') ? [line.slice(5)] : []));

    // Its lease of ten minutes ran out: for this replica it is an hour later.
    const later = await opened({ ...where, clock: { now: () => Date.now() + 3_600_000 } });
    const rest: string[] = [];
    for (
      let next = await later.inbox.take(60, 'other');
      next !== undefined;
      next = await later.inbox.take(60, 'other')
    ) {
      rest.push(next.id);
      await later.inbox.done(next);
    }
    expect(rest.filter((id) => finished.includes(id))).toEqual([]);
    expect(new Set(rest).size).toBe(rest.length);
    // Between its last word and the kill it may have finished one more.
    expect(rest.length + finished.length).toBeGreaterThanOrEqual(ids.length - 1);
    expect(await later.inbox.counts()).toEqual({ waiting: 0, taken: 0, done: ids.length, dead: 0 });
  });
});

onPostgres('a server that crashes', (engine) => {
  test('keeps what was acknowledged, is an error meanwhile, and is found again', async () => {
    const store = await opened({ ...(await engine.empty()), clock: Date });
    const ids = Array.from({ length: 50 }, (_, at) => `${at}`);
    await Promise.all(ids.map((id) => store.inbox.accept(delivery(id))));
    await engine.server().crash();
    const works = [
      () => store.inbox.accept(delivery('meanwhile')),
      () => store.inbox.take(60, 'test'),
      () => store.check(),
    ];
    for (const work of works) await expect(work()).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    await engine.server().start();
    expect(await store.inbox.accept(delivery('meanwhile'))).toBe('accepted');
    expect(await store.inbox.counts()).toMatchObject({ waiting: ids.length + 1 });
  });
});
