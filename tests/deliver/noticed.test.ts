import { expect, it, vi } from 'vitest';
import type { Ground } from '../../src/deliver/world.ts';
import { planningPass } from '../../src/pipeline/deliver.ts';
import { openHome } from '../support/memory-home.ts';
import { random } from '../support/random.ts';

vi.mock('../../src/clients/proxmox/transport.ts', async () => ({
  exchange: (await import('../support/direct-pve.ts')).exchangeDirectly,
}));

it('a head that was never planned is said to be noticed first, and one that was is not said to be anew', async () => {
  const home = await openHome(random(1));
  const [computer = home.random.pick(home.computers)] = home.computers;
  const said: string[] = [];
  const listening = (ground: Ground): Ground => ({
    ...ground,
    forge: {
      ...ground.forge,
      ensureStatus: (commit, status) => {
        if (status.context === 'gitmend/plan') said.push(`${status.state}: ${status.description}`);
        return ground.forge.ensureStatus(commit, status);
      },
    },
  });
  await home.push('more', { 'guests/postgres.yaml': (text) => text.replace(/^memory: \d+/m, 'memory: 6144') });
  await home.person.ensurePullRequest({ branch: 'more', base: 'main', title: 'more', body: '', labels: [] });
  await planningPass(listening(home.begin('read', computer)));
  expect(said).toEqual(['pending: being planned', 'success: 1 change']);
  await planningPass(listening(home.begin('read', computer)));
  expect(said.slice(2)).toEqual(['success: 1 change']);
});
