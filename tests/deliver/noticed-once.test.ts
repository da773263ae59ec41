import { expect, it, vi } from 'vitest';
import type { Ground } from '../../src/deliver/world.ts';
import { planningPass } from '../../src/pipeline/deliver.ts';
import { openHome } from '../support/memory-home.ts';
import { random } from '../support/random.ts';

vi.mock('../../src/clients/proxmox/transport.ts', async () => ({
  exchange: (await import('../support/direct-pve.ts')).exchangeDirectly,
}));

/** A home in which one change is merged and not applied yet, and another of the same guest is open and has to wait. */
async function waiting() {
  const home = await openHome(random(1));
  const [computer = home.random.pick(home.computers)] = home.computers;
  const memory = (branch: string, mebibytes: number) =>
    home.push(branch, { 'guests/postgres.yaml': (text) => text.replace(/^memory: \d+/m, `memory: ${mebibytes}`) });
  const propose = (branch: string) =>
    home.person.ensurePullRequest({ branch, base: 'main', title: branch, body: '', labels: [] });
  await memory('first', 6144);
  const { number } = await propose('first');
  await planningPass(home.begin('read', computer));
  const { head } = await home.person.pullRequest(number);
  await home.person.merge(number, { style: 'merge', head });
  await memory('second', 7168);
  await propose('second');
  const said: string[] = [];
  const pass = () => planningPass(listening(home.begin('read', computer), said));
  return { memory, said, pass };
}

function listening(ground: Ground, said: string[]): Ground {
  const ensureStatus: Ground['forge']['ensureStatus'] = (commit, status) => {
    if (status.context === 'gitmend/plan') said.push(`${status.state}: ${status.description}`);
    return ground.forge.ensureStatus(commit, status);
  };
  return { ...ground, forge: { ...ground.forge, ensureStatus } };
}

const noticed = 'pending: being planned';
const noticesIn = (said: readonly string[]) => said.filter((one) => one === noticed).length;

it('a head that waits is said to be noticed once, and by every later pass only why it waits', async () => {
  const { said, pass } = await waiting();
  const { shown } = await pass();
  expect(shown.map(({ result }) => result.state)).toEqual(['waiting']);
  expect(said).toEqual([noticed, expect.stringMatching(/^pending: .*#1/)]);
  await pass();
  await pass();
  expect(noticesIn(said)).toBe(1);
  expect(new Set(said.slice(1)).size).toBe(1);
});

it('the next head of the same pull request is noticed anew, once', async () => {
  const { memory, said, pass } = await waiting();
  await pass();
  await memory('second', 7680);
  await pass();
  await pass();
  expect(noticesIn(said)).toBe(2);
});

it('the next head of a pull request that has a plan is noticed anew', async () => {
  const home = await openHome(random(1));
  const [computer = home.random.pick(home.computers)] = home.computers;
  const memory = (mebibytes: number) =>
    home.push('more', { 'guests/postgres.yaml': (text) => text.replace(/^memory: \d+/m, `memory: ${mebibytes}`) });
  await memory(6144);
  await home.person.ensurePullRequest({ branch: 'more', base: 'main', title: 'more', body: '', labels: [] });
  const said: string[] = [];
  const pass = () => planningPass(listening(home.begin('read', computer), said));
  await pass();
  await memory(7168);
  await pass();
  expect(said).toEqual([noticed, 'success: 1 change', noticed, 'success: 1 change']);
});
