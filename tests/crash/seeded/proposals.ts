import { readPlans } from '../../../src/deliver/plans.ts';
import type { PlanRecord } from '../../../src/core/plan.ts';
import type { Home } from '../../support/memory-home.ts';

/** One guest of the template, with what a person may change of it. */
interface Sketch {
  vmid: number;
  name: string;
  target: string;
  fields: readonly ('memory' | 'cores' | 'swap')[];
}

const sketches: readonly Sketch[] = [
  { vmid: 200, name: 'postgres', target: 'home/lxc/200', fields: ['memory', 'cores', 'swap'] },
  { vmid: 201, name: 'nextcloud', target: 'home/lxc/201', fields: ['memory', 'cores', 'swap'] },
  { vmid: 202, name: 'frigate', target: 'home/lxc/202', fields: ['memory', 'cores', 'swap'] },
  { vmid: 203, name: 'homeassistant', target: 'home/qemu/203', fields: ['memory', 'cores'] },
  { vmid: 204, name: 'gitea', target: 'home/lxc/204', fields: ['memory', 'cores', 'swap'] },
];

export interface Proposal {
  number: number;
  /** Of the guest that it is about. */
  vmid: number;
}

/** An edit of a guest's file: one field, sometimes two. */
export function edits(
  { random }: Home,
  sketch = random.pick(sketches),
): { sketch: Sketch; files: { [path: string]: (text: string) => string } } {
  const fields = random.shuffle(sketch.fields).slice(0, random.chance(0.25) ? 2 : 1);
  const edit = (text: string): string =>
    fields.reduce(
      (now, field) => now.replace(new RegExp(`^${field}: \\d+`, 'm'), `${field}: ${valueFor(random, field)}`),
      text,
    );
  return { sketch, files: { [`guests/${sketch.name}.yaml`]: edit } };
}

function valueFor(random: Home['random'], field: 'memory' | 'cores' | 'swap'): number {
  if (field === 'cores') return random.whole(1, 6);
  return field === 'swap' ? 64 * random.whole(1, 24) : 2600 + random.whole(0, 600) * 4;
}

/** A pull request of a person; its title may be anything, because nobody believes it. */
export async function propose(home: Home, name: string): Promise<Proposal> {
  const { sketch, files } = edits(home);
  await home.push(name, files);
  const wanted = { branch: name, base: 'main', title: `${sketch.name}: another size`, body: '', labels: [] };
  return { number: (await home.person.ensurePullRequest(wanted)).number, vmid: sketch.vmid };
}

/** One of the pull requests that gitmend offers after a stop. */
export async function wayOut({ random, person }: Home): Promise<Proposal | undefined> {
  const open = (await person.pullRequests({ state: 'open' })).filter(({ author }) => author === 'gitmend');
  if (open.length === 0) return undefined;
  const { number, title } = random.pick(open);
  const sketch = sketches.find(({ name }) => title.startsWith(`${name}:`));
  return sketch === undefined ? undefined : { number, vmid: sketch.vmid };
}

/** The plan that a pull request shows now, if it can be applied at all. */
export async function shownPlan({ reader }: Home, number: number): Promise<PlanRecord | undefined> {
  await reader.fetch();
  return (await readPlans(reader, number)).at(-1)?.record;
}

/** The guest's values by hand: never those that a plan starts from or aims at. */
export function editLive(home: Home, vmid: number): void {
  const guest = home.pve.world.guests.get(vmid);
  const odd = 2601 + 4 * home.random.whole(0, 500);
  home.setLive(
    vmid,
    home.random.chance(0.8) ? { memory: odd } : { cores: Number(guest?.config['cores'] ?? 1) === 7 ? 8 : 7 },
  );
}
