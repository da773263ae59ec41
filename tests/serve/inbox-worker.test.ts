import { beforeEach, describe, expect, it, vi } from 'vitest';
import { memoryShort } from '../../simulators/pve/index.ts';
import { GitmendError } from '../../src/core/errors.ts';
import type { Ground } from '../../src/deliver/world.ts';
import { planningPass } from '../../src/pipeline/deliver.ts';
import { healDelivery } from '../../src/pipeline/heal.ts';
import { workInbox } from '../../src/serve/inbox-worker.ts';
import { openMetrics } from '../../src/serve/metrics.ts';
import { inboxAttempts } from '../../src/store/inbox.ts';
import type { Store } from '../../src/store/index.ts';
import { memoryAlertFor } from '../scenarios/alert.ts';
import { emptyFile, opened } from '../store/engines.ts';
import { type Home, openHome } from '../support/memory-home.ts';
import { random } from '../support/random.ts';

vi.mock('../../src/clients/proxmox/transport.ts', async () => ({
  exchange: (await import('../support/direct-pve.ts')).exchangeDirectly,
}));

describe('a delivery that cannot be dealt with now', () => {
  let home: Home;
  let store: Store;
  let unsettled: (() => Promise<unknown>)[];
  beforeEach(async () => {
    home = await openHome(random(1), memoryShort);
    unsettled = [];
    store = await opened({ ...(await emptyFile()), clock: home.clock });
    // First contact is made before anything goes wrong.
    await planningPass(ground());
  });

  const accept = (id: string, payload = memoryAlertFor(home.clock.now())) =>
    store.inbox.accept({ door: 'alertmanager', id, payload, receivedAt: home.clock.now() });
  const ground = (): Ground => home.begin('read', home.computers[0] ?? home.random.pick(home.computers));

  /** Takes and heals once; returns how many deliveries that were. */
  async function look(on: Ground = ground(), inbox = store.inbox, renewal?: number): Promise<number> {
    const metrics = openMetrics();
    const worker = {
      inbox,
      ...(renewal === undefined ? {} : { renewal }),
      clock: home.clock,
      metrics,
      holder: 'one',
      log: () => undefined,
      unsettled,
    };
    return workInbox({
      ...worker,
      heal: (payloads) => healDelivery(on, payloads),
      healed: () => undefined,
    });
  }
  const failing = (): Ground => {
    const on = ground();
    const pullRequests = () => Promise.reject(new GitmendError('FORGE_FAILED', 'the forge is being restarted'));
    return { ...on, forge: { ...on.forge, pullRequests } };
  };
  const open = async () => (await home.person.pullRequests({ state: 'open' })).map(({ title }) => title);

  it('because of itself, as far as anybody can tell, is looked at alone, and holds up nobody', async () => {
    await accept('first');
    await accept('second');
    const broken = {
      ...ground(),
      engines: () => {
        throw new Error('a bug');
      },
    } as unknown as Ground;
    expect(await look(broken)).toBe(2);
    await accept('third');
    home.clock.advance(5_000);
    expect([await look(), await look(), await look()]).toEqual([2, 1, 0]);
  });

  it('because the store was away in the middle waits for the store, and not for its lease', async () => {
    await accept('first');
    const { store: inbox } = { store: store.inbox };
    const away = new GitmendError('STORE_FULL', 'the disk is full');
    let full = true;
    const refusing = {
      ...inbox,
      allDone: (all: Parameters<typeof inbox.allDone>[0]) => (full ? Promise.reject(away) : inbox.allDone(all)),
    };
    expect(await look(ground(), refusing)).toBe(1);
    expect(await inbox.counts()).toMatchObject({ taken: 1, done: 0 });
    await expect(look(ground(), refusing)).rejects.toMatchObject({ code: 'STORE_FULL' });
    full = false;
    expect(await look(ground(), refusing)).toBe(0);
    expect(await inbox.counts()).toMatchObject({ taken: 0, done: 1 });
    expect(await open()).toEqual(['postgres: memory 2048 → 3072 MiB']);
  });

  it('in time keeps its lease for as long as somebody is at it', async () => {
    await accept('first');
    const renewed: number[] = [];
    const inbox = { ...store.inbox, renewAll: async (all: readonly unknown[]) => renewed.push(all.length) };
    await look(ground(), inbox, 1);
    expect(renewed.length).toBeGreaterThan(0);
    expect(new Set(renewed)).toEqual(new Set([1]));
  });

  it('because the cluster does not answer waits, and is healed once it does', async () => {
    await accept('first');
    home.pve.faults.inject({ fault: 'error-596', path: /./, count: 1000 });
    await look();
    expect(await store.inbox.counts()).toMatchObject({ waiting: 1, done: 0, dead: 0 });
    home.pve.faults.clear();
    expect(await look()).toBe(0);
    home.clock.advance(5_000);
    expect(await look()).toBe(1);
    expect(await store.inbox.counts()).toMatchObject({ waiting: 0, done: 1, dead: 0 });
    expect(await open()).toEqual(['postgres: memory 2048 → 3072 MiB']);
  });

  it('for as long as the cluster does not answer is shown to a person in the end, and never called done', async () => {
    await accept('first');
    home.pve.faults.inject({ fault: 'error-596', path: /./, count: 10_000 });
    for (let attempt = 0; attempt < inboxAttempts; attempt += 1) {
      await look();
      home.clock.advance(15 * 60_000);
    }
    expect(await store.inbox.counts()).toMatchObject({ waiting: 0, done: 0, dead: 1 });
    expect((await store.inbox.dead())[0]?.why).toContain('PVE_UNREACHABLE');
  });

  it('because the guest alone cannot be read is asked for again, and then is the answer “unknown”', async () => {
    await accept('first');
    home.pve.faults.inject({ fault: 'error-500', path: /\/lxc\/200\//, count: 10_000 });
    for (let attempt = 0; attempt < inboxAttempts; attempt += 1) {
      await look();
      home.clock.advance(15 * 60_000);
    }
    expect(await store.inbox.counts()).toMatchObject({ waiting: 0, done: 1, dead: 0 });
    expect(await open()).toEqual([]);
  });

  it('because the forge fails waits, and is looked at together with the others again', async () => {
    await accept('first');
    await accept('second');
    expect(await look(failing())).toBe(2);
    expect(await store.inbox.counts()).toMatchObject({ waiting: 2, done: 0, dead: 0 });
    home.clock.advance(5_000);
    expect([await look(), await look()]).toEqual([2, 0]);
    expect(await store.inbox.counts()).toMatchObject({ waiting: 0, done: 2, dead: 0 });
    expect(await open()).toEqual(['postgres: memory 2048 → 3072 MiB']);
  });
});
