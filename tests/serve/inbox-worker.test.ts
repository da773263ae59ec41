import { beforeEach, describe, expect, it, vi } from 'vitest';
import { memoryShort } from '../../simulators/pve/index.ts';
import { GitmendError } from '../../src/core/errors.ts';
import type { Ground } from '../../src/deliver/world.ts';
import { planningPass } from '../../src/pipeline/deliver.ts';
import { healDelivery } from '../../src/pipeline/heal.ts';
import { mergeDeliveries } from '../../src/serve/batch.ts';
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
  beforeEach(async () => {
    home = await openHome(random(1), memoryShort);
    store = await opened({ ...(await emptyFile()), clock: home.clock });
    // First contact is made before anything goes wrong.
    await planningPass(ground());
  });

  const accept = (id: string, payload = memoryAlertFor(home.clock.now())) =>
    store.inbox.accept({ door: 'alertmanager', id, payload, receivedAt: home.clock.now() });
  const ground = (): Ground => home.begin('read', home.computers[0] ?? home.random.pick(home.computers));

  /** Takes and heals once; returns how many deliveries that were. */
  async function look(on: Ground = ground()): Promise<number> {
    const metrics = openMetrics();
    const worker = { inbox: store.inbox, clock: home.clock, metrics, holder: 'one', log: () => undefined };
    return workInbox({
      ...worker,
      heal: (payloads) => healDelivery(on, mergeDeliveries(payloads)),
      healed: () => undefined,
    });
  }
  const failing = (): Ground => {
    const on = ground();
    const pullRequests = () => Promise.reject(new GitmendError('FORGE_FAILED', 'the forge is being restarted'));
    return { ...on, forge: { ...on.forge, pullRequests } };
  };
  const open = async () => (await home.person.pullRequests({ state: 'open' })).map(({ title }) => title);

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

  it('because the forge fails waits, and the next time is looked at alone', async () => {
    await accept('first');
    await accept('second');
    expect(await look(failing())).toBe(2);
    expect(await store.inbox.counts()).toMatchObject({ waiting: 2, done: 0, dead: 0 });
    home.clock.advance(5_000);
    expect([await look(), await look(), await look()]).toEqual([1, 1, 0]);
    expect(await store.inbox.counts()).toMatchObject({ waiting: 0, done: 2, dead: 0 });
    expect(await open()).toEqual(['postgres: memory 2048 → 3072 MiB']);
  });
});
