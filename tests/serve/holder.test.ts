import { describe, expect, it } from 'vitest';
import { isGoneHolder, printHolder, releaseLeftovers } from '../../src/serve/holder.ts';
import { delivery, emptyFile, opened } from '../store/engines.ts';
import { computer } from '../support/machines.ts';
import { testClock } from '../support/test-clock.ts';

describe('who has taken something from the store', () => {
  it('is printed with host and process first, for people', () => {
    const here = computer().process();
    expect(printHolder(here).startsWith(`${here.host}:${here.pid} {`)).toBe(true);
  });

  it('is gone when its process has ended, as seen from the same machine', async () => {
    const here = computer();
    const [killed, next] = [here.process(), here.process()];
    expect(await isGoneHolder(printHolder(killed), next)).toBe(false);
    here.kill(killed);
    expect(await isGoneHolder(printHolder(killed), next)).toBe(true);
  });

  it('is not gone for all that another machine knows', async () => {
    const elsewhere = computer('elsewhere');
    const killed = elsewhere.process();
    elsewhere.kill(killed);
    expect(await isGoneHolder(printHolder(killed), computer().process())).toBe(false);
  });

  it.each(['host:7', 'host:7 {}', '', 'replica-2', 'host:7 {"machine":"m"}'])(
    'is not gone where nothing proves it: %j',
    async (text) => {
      expect(await isGoneHolder(text, computer().process())).toBe(false);
    },
  );
});

describe('a start', () => {
  it('lets wait again what a process that is gone had taken, and nothing that a living one holds', async () => {
    const store = await opened({ ...(await emptyFile()), clock: testClock() });
    const here = computer();
    const [killed, living, next] = [here.process(), here.process(), here.process()];
    for (const id of ['one', 'two']) await store.inbox.accept(delivery(id));
    await store.inbox.take(300, printHolder(killed));
    await store.inbox.take(300, printHolder(living));
    here.kill(killed);
    for (const key of ['one', 'two']) await store.outbox.enqueue({ key, kind: 'notify', body: {} });
    await store.outbox.takeDue(300, printHolder(living));
    await store.outbox.takeDue(300, printHolder(killed));
    const logged: unknown[] = [];
    await releaseLeftovers({ store, machine: next, log: (...said) => logged.push(said) });
    expect(await store.inbox.counts()).toMatchObject({ waiting: 1, taken: 1 });
    expect((await store.inbox.take(300, printHolder(next)))?.id).toBe('one');
    expect(await store.outbox.counts()).toMatchObject({ waiting: 1, taken: 1 });
    expect((await store.outbox.takeDue(300, printHolder(next)))?.key).toBe('two');
    const line = ['released', { holder: `${killed.host}:${killed.pid}`, released: 1 }, 'warn'];
    expect(logged).toEqual([line, line]);
  });
});
