import { expect, it, vi } from 'vitest';
import { memoryAlertFor } from './alert.ts';
import { memoryShort } from '../../simulators/pve/index.ts';
import { readApplied } from '../../src/ledger/applied.ts';
import { readChain } from '../../src/ledger/records.ts';
import { planningPass, runnerPass } from '../../src/pipeline/deliver.ts';
import { healDelivery } from '../../src/pipeline/heal.ts';
import { type Home, openHome } from '../support/memory-home.ts';
import { type Random, random } from '../support/random.ts';

vi.mock('../../src/clients/proxmox/transport.ts', async () => ({
  exchange: (await import('../support/direct-pve.ts')).exchangeDirectly,
}));

const seeds = Array.from({ length: 10 }, (_, index) => 4100 + index);

it(
  'ends in the same state however often, in whatever order and whether at all the line was told to look',
  { timeout: 120_000 },
  async () => {
    const wanted = await play(random(4000), plain);
    expect(wanted.records).toEqual([
      'adopted',
      'verified home/lxc/200 {"memory":3072}',
      'verified home/lxc/201 {"memory":5120}',
    ]);
    for (const seed of seeds) expect(await play(random(seed), disturbed), `seed ${seed}`).toEqual(wanted);
  },
);

/** An event only says “look again”. */
type Event = 'heal' | 'plan' | 'run';

/** Which events come before the next thing that a person does. */
type Between = (random: Random) => Event[];

/** Each once, in the usual order. */
const plain: Between = () => ['heal', 'plan', 'run'];

/** Dropped, repeated, shuffled. */
const disturbed: Between = (random) =>
  Array.from({ length: random.whole(0, 6) }, () => random.pick(['heal', 'plan', 'run'] as const));

/** The same things happen in the world; only what gitmend is told of them differs. */
async function play(random: Random, between: Between): Promise<EndState> {
  const home = await openHome(random, memoryShort);
  const payload = memoryAlertFor(home.clock.now());
  const tell = async (events: readonly Event[]): Promise<void> => {
    for (const event of events) await look(home, event, payload);
  };
  await tell(between(random));
  await home.push('more-for-nextcloud', {
    'guests/nextcloud.yaml': (text) => text.replace(/^memory: 4096/m, 'memory: 5120'),
  });
  await home.person.ensurePullRequest({
    branch: 'more-for-nextcloud',
    base: 'main',
    title: 'nextcloud: more memory',
    body: '',
    labels: [],
  });
  await tell(between(random));
  // A person merges what is there to be read, one after the other, in either order.
  const titles = between === plain ? ['postgres', 'nextcloud'] : random.shuffle(['postgres', 'nextcloud']);
  for (const title of titles) {
    await tell(['heal', 'plan']);
    home.clock.advance(90_000);
    const found = (await home.person.pullRequests({ state: 'open' })).find((pr) => pr.title.startsWith(title));
    if (found === undefined) throw new Error(`nothing was proposed for ${title}`);
    await home.person.merge(found.number, { style: 'merge', head: found.head });
    await tell(between(random));
  }
  for (let pass = 0; pass < 20; pass += 1) await look(home, 'run', payload);
  await tell(['heal', 'plan', 'run']);
  return endState(home);
}

async function look(home: Home, event: Event, payload: string): Promise<void> {
  const on = home.random.pick(home.computers);
  const ground = home.begin(event === 'run' ? 'write' : 'read', on);
  if (event === 'heal') await healDelivery(ground, payload);
  else if (event === 'plan') await planningPass(ground);
  else {
    const { next } = await runnerPass(ground);
    if (next !== undefined) home.clock.reach(next);
  }
  on.kill(ground.machine);
}

interface EndState {
  records: string[];
  live: string[];
  applied: unknown;
  open: string[];
  refs: string[];
}

/** What is left, without times, commits and numbers, in which the order of merges shows. */
async function endState({ reader, person, pve, liveText }: Home): Promise<EndState> {
  await reader.fetch();
  const chain = await readChain(reader);
  // What a diagnosis found that led to nothing depends on when somebody looked; what was done does not.
  const runs = chain.ok ? chain.records.map(({ record }) => record).filter(({ applied }) => applied !== undefined) : [];
  const applied = await readApplied(reader);
  return {
    records: runs
      .map(({ outcome, target, steps = [] }) => [outcome, target, ...steps.map(({ after }) => JSON.stringify(after))])
      .map((words) => words.filter(Boolean).join(' '))
      .toSorted(),
    live: [...pve.world.guests.keys()].map((vmid) => liveText(vmid)),
    applied: Object.fromEntries(
      Object.entries(applied?.value?.targets ?? {}).map(([target, { declaration }]) => [target, declaration]),
    ),
    open: (await person.pullRequests({ state: 'open' })).map(({ title }) => title),
    refs: [...(await reader.refs('refs/gitmend')).keys()],
  };
}
