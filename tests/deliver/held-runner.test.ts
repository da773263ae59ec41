import { describe, expect, it, vi } from 'vitest';
import type { Ground } from '../../src/deliver/world.ts';
import { readChain } from '../../src/ledger/records.ts';
import { planningPass, runnerPass } from '../../src/pipeline/deliver.ts';
import { type Home, openHome } from '../support/memory-home.ts';
import { random } from '../support/random.ts';

vi.mock('../../src/clients/proxmox/transport.ts', async () => ({
  exchange: (await import('../support/direct-pve.ts')).exchangeDirectly,
}));

/** A person's change of one guest's memory, shown and merged. */
async function change(home: Home, name: string, memory: number): Promise<number> {
  const branch = `${name}-${memory}`;
  await home.push(branch, { [`guests/${name}.yaml`]: (text) => text.replace(/^memory: \d+/m, `memory: ${memory}`) });
  const wanted = { branch, base: 'main', title: branch, body: '', labels: [] };
  const { number } = await home.person.ensurePullRequest(wanted);
  await planningPass(begin(home, 'read'));
  home.clock.advance(90_000);
  await home.person.merge(number, { style: 'merge', head: (await home.person.pullRequest(number)).head });
  return number;
}

function begin(home: Home, role: 'read' | 'write', computer = 0): Ground {
  const on = home.computers[computer];
  if (on === undefined) throw new Error(`there is no computer ${computer}`);
  return home.begin(role, on);
}

/** Passes of one runner until nothing is being verified. */
async function toEnd(home: Home, ground: Ground): Promise<void> {
  for (let pass = 0; pass < 20; pass += 1) {
    const { next } = await runnerPass(ground);
    if (next === undefined) return;
    home.clock.reach(next);
  }
  throw new Error('the runner does not come to an end');
}

const outcomes = async ({ reader }: Home): Promise<[number | undefined, string][]> => {
  await reader.fetch();
  const chain = await readChain(reader);
  return chain.ok ? chain.records.map(({ record }) => [record.pullRequest?.number, record.outcome]) : [];
};

describe('a runner that is held up before it has its lock', () => {
  it('finds that another one has finished its run, and a later one after it, and sends nothing', async () => {
    const home = await openHome(random(1));
    await runnerPass(begin(home, 'write'));
    const first = await change(home, 'postgres', 3072);
    const slow = begin(home, 'write', 1);
    let second = 0;
    const push: Ground['repo']['push'] = async (updates) => {
      if (second === 0 && updates.some(({ ref }) => ref.startsWith('refs/gitmend/locks/'))) {
        await toEnd(home, begin(home, 'write'));
        second = await change(home, 'postgres', 2048);
        await toEnd(home, begin(home, 'write'));
      }
      return slow.repo.push(updates);
    };
    await toEnd(home, { ...slow, repo: { ...slow.repo, push } });
    expect(home.effects.map(({ parameters }) => Number(parameters['memory']))).toEqual([3072, 2048]);
    expect((await outcomes(home)).slice(1)).toEqual([
      [first, 'verified'],
      [second, 'verified'],
    ]);
  });
});

describe('a run that has to wait', () => {
  it('holds back what was merged after it', async () => {
    const home = await openHome(random(2));
    await runnerPass(begin(home, 'write'));
    const first = await change(home, 'postgres', 3072);
    const second = await change(home, 'nextcloud', 5120);
    const guest = home.pve.world.guests.get(200);
    Object.assign(guest?.config ?? {}, { lock: 'backup' });
    const { waiting } = await runnerPass(begin(home, 'write'));
    expect(waiting).toEqual([expect.stringContaining(`#${first}: postgres is locked`)]);
    expect(home.effects).toEqual([]);
    delete guest?.config.lock;
    await toEnd(home, begin(home, 'write'));
    expect(home.effects.map(({ vmid }) => vmid)).toEqual([200, 201]);
    expect((await outcomes(home)).slice(1)).toEqual([
      [first, 'verified'],
      [second, 'verified'],
    ]);
  });
});
