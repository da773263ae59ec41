import { expect, test, vi } from 'vitest';
import { memoryShort } from '../../simulators/pve/index.ts';
import { readChain } from '../../src/ledger/records.ts';
import { verifyChain } from '../../src/ledger/verify.ts';
import { planningPass, runnerPass } from '../../src/pipeline/deliver.ts';
import { healDelivery } from '../../src/pipeline/heal.ts';
import { workInbox } from '../../src/serve/inbox-worker.ts';
import { openMetrics } from '../../src/serve/metrics.ts';
import { doors } from '../../src/signals/index.ts';
import type { Inbox, Store } from '../../src/store/index.ts';
import { memoryAlertFor } from '../scenarios/alert.ts';
import { onPostgres, opened } from '../store/engines.ts';
import { type Home, openHome } from '../support/memory-home.ts';
import { hooked, Killed } from '../support/points.ts';
import { random } from '../support/random.ts';

vi.mock('../../src/clients/proxmox/transport.ts', async () => ({
  exchange: (await import('../support/direct-pve.ts')).exchangeDirectly,
}));

const seeds = Array.from({ length: 16 }, (_, index) => 7300 + index);
/** Longer than a replica may hold a delivery (`workInbox`), in milliseconds. */
const leaseOver = 301_000;

onPostgres('two replicas of serve on one database, and one runner', (engine) => {
  test(
    'end with one pull request, one effect and one record, whoever is told, how often, and whoever is killed',
    { timeout: 600_000 },
    async () => {
      let killed = 0;
      for (const seed of seeds) {
        const home = await openHome(random(seed), memoryShort);
        const where = { ...(await engine.empty()), clock: home.clock };
        const stores = [await opened(where), await opened(where)];
        killed += await disturbed(home, stores, memoryAlertFor(home.clock.now()));
        expect(await endState(home, stores), `seed ${seed}`).toEqual({
          proposals: ['postgres: memory 2048 → 3072 MiB merged'],
          effects: [{ vmid: 200, kind: 'put', memory: 3072 }],
          records: ['adopted', 'verified'],
          chain: true,
          inbox: { waiting: 0, taken: 0, dead: 0 },
        });
      }
      console.log(`${seeds.length} storms on two replicas and one runner, ${killed} of them killed: one effect each`);
      // Otherwise nothing was tried.
      expect(killed).toBeGreaterThan(seeds.length);
    },
  );
});

/** Deliveries come to either replica and are worked on by either or both, and each of them may die at any call. */
async function disturbed(home: Home, stores: readonly Store[], payload: string): Promise<number> {
  const { random: dice } = home;
  let killed = 0;
  const storm = async (): Promise<void> => {
    for (let events = dice.whole(3, 8); events > 0; events -= 1) {
      if (dice.chance(0.5)) await deliver(dice.pick(stores), home, payload);
      const both = dice.chance(0.4) ? stores : [dice.pick(stores)];
      const ended = await Promise.all(both.map((store) => replica(home, store, dice.chance(0.6))));
      killed += ended.filter((end) => end === 'killed').length;
      if (dice.chance(0.4)) home.clock.advance(leaseOver);
      if (dice.chance(0.4)) killed += (await runner(home, dice.chance(0.6))) === 'killed' ? 1 : 0;
    }
  };
  await storm();
  await deliver(dice.pick(stores), home, payload);
  await untilIdle(home, stores);
  home.clock.advance(90_000);
  const [proposal] = await home.person.pullRequests({ state: 'open' });
  if (proposal === undefined) throw new Error('nothing was proposed');
  await home.person.merge(proposal.number, { style: dice.pick(['merge', 'squash', 'rebase']), head: proposal.head });
  await storm();
  await untilIdle(home, stores);
  return killed;
}

/** What the door does with a delivery: durable, and a repeat waits again. */
async function deliver({ inbox }: Store, { clock }: Home, payload: string): Promise<void> {
  const read = doors.alertmanager.read(payload);
  if (!read.ok) throw new Error(read.problems.join('\n'));
  const delivery = { door: 'alertmanager', id: read.delivery.id, payload, receivedAt: clock.now(), again: true };
  expect(await inbox.accept(delivery)).toMatch(/^(accepted|known)$/);
}

/** A process of serve that takes what waits and plans; killed at one of its calls where it shall be. */
function replica(home: Home, store: Store, dies: boolean): Promise<'alive' | 'killed'> {
  return mortally(home, 'read', dies, async (ground, around) => {
    const metrics = openMetrics();
    const worker = { inbox: around(store.inbox), clock: home.clock, metrics, holder: ground.machine.host };
    const unsettled: (() => Promise<unknown>)[] = [];
    const heal = (payloads: readonly string[]) => healDelivery(ground, payloads);
    while (await workInbox({ ...worker, heal, unsettled, log: () => undefined, healed: () => undefined }));
    await planningPass(ground);
  });
}

function runner(home: Home, dies: boolean): Promise<'alive' | 'killed'> {
  return mortally(home, 'write', dies, async (ground) => {
    const { next } = await runnerPass(ground);
    if (next !== undefined) home.clock.reach(next);
  });
}

type Work = (ground: ReturnType<Home['begin']>, around: (inbox: Inbox) => Inbox) => Promise<void>;

/** From the moment of its death on, nothing that a process still tries reaches git, the forge, PVE or the database. */
async function mortally(home: Home, role: 'read' | 'write', dies: boolean, work: Work): Promise<'alive' | 'killed'> {
  const on = home.random.pick(home.computers);
  const ground = home.begin(role, on);
  const last = dies ? home.random.whole(1, 80) : Infinity;
  let calls = 0;
  const die = (point: string): void => {
    calls += 1;
    if (calls >= last) throw new Killed(point);
  };
  try {
    await work(hooked(ground, die, /./), (inbox) => inboxThatDies(inbox, die));
    return calls >= last ? 'killed' : 'alive';
  } catch (error) {
    if (calls >= last) return 'killed';
    throw error;
  } finally {
    on.kill(ground.machine);
  }
}

function inboxThatDies(inbox: Inbox, die: (point: string) => void): Inbox {
  return {
    ...inbox,
    take: async (...given) => {
      die('take');
      const taken = await inbox.take(...given);
      die('taken');
      return taken;
    },
    takeTogether: async (...given) => {
      die('take together');
      const taken = await inbox.takeTogether(...given);
      die('taken together');
      return taken;
    },
    allDone: async (tickets) => {
      die('done');
      return inbox.allDone(tickets);
    },
    failed: async (...given) => {
      die('failed');
      return inbox.failed(...given);
    },
  };
}

/** Nobody is killed any more, leases run out, and everyone goes on until there is nothing to do. */
async function untilIdle(home: Home, stores: readonly Store[]): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) {
    home.clock.advance(leaseOver);
    for (const store of stores) await replica(home, store, false);
    await runner(home, false);
  }
}

async function endState({ reader, person, effects }: Home, [store]: readonly Store[]) {
  await reader.fetch();
  const chain = await readChain(reader);
  const { waiting, taken, dead } = (await store?.inbox.counts()) ?? { waiting: -1, taken: -1, dead: -1 };
  return {
    proposals: (await person.pullRequests({ state: 'all' })).map(({ title, state }) => `${title} ${state}`),
    effects: effects.map(({ vmid, kind, parameters }) => ({ vmid, kind, memory: Number(parameters['memory']) })),
    // What a later look at the same alert found (it is well, it is proposed already) depends on when somebody looked.
    records: chain.ok
      ? chain.records.flatMap(({ record }) => (record.applied === undefined ? [] : [record.outcome]))
      : chain.why,
    chain: (await verifyChain(reader, { seen: undefined, signers: undefined })).ok,
    inbox: { waiting, taken, dead },
  };
}
