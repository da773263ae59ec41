import { describe, expect, it, vi } from 'vitest';
import { planningPass, runnerPass } from '../../src/pipeline/deliver.ts';
import { type Home, openHome } from '../support/memory-home.ts';
import { random } from '../support/random.ts';

vi.mock('../../src/clients/proxmox/transport.ts', async () => ({
  exchange: (await import('../support/direct-pve.ts')).exchangeDirectly,
}));

const day = 86_400_000;

/** A person's pull request with a plan; returns its number. */
async function proposed(home: Home, name: string): Promise<number> {
  await home.push(name, { [`guests/${name}.yaml`]: (text) => text.replace(/^memory: \d+/m, 'memory: 6144') });
  const wanted = { branch: name, base: 'main', title: name, body: '', labels: [] };
  return (await home.person.ensurePullRequest(wanted)).number;
}

describe('the plans of a pull request that was closed', () => {
  it('go 30 days after they ended, and those of an open one stay', async () => {
    const home = await openHome(random(1));
    const [computer] = home.computers;
    if (computer === undefined) throw new Error('there is no computer');
    const closed = await proposed(home, 'postgres');
    const open = await proposed(home, 'nextcloud');
    await planningPass(home.begin('read', computer));
    await home.person.close(closed, 'no');
    const plans = async () => {
      await runnerPass(home.begin('write', computer));
      await home.reader.fetch();
      return [...(await home.reader.refs('refs/gitmend/plans')).keys()];
    };
    home.clock.advance(30 * day);
    expect(await plans()).toEqual([`refs/gitmend/plans/${closed}`, `refs/gitmend/plans/${open}`]);
    home.clock.advance(2 * day);
    expect(await plans()).toEqual([`refs/gitmend/plans/${open}`]);
  });
});
