import { expect, it } from 'vitest';
import { driftNeeds } from '../../../src/web/view/drift.ts';

const since = '2026-11-20T03:34:00Z';
const about = { name: 'postgres', where: 'lxc/200 on pve1' };

it('what cannot be proposed needs a person; what can be is a pull request', () => {
  const values = { since, declared: { memory: 2048 }, live: { memory: 4096 } };
  expect(driftNeeds({ drifts: { 'home/lxc/200': { ...about, values } } })).toEqual([]);
  expect(driftNeeds({})).toEqual([]);
  const beyond = { since, what: ['is on pve2, and pve1 is declared'] };
  expect(driftNeeds({ drifts: { 'home/lxc/200': { ...about, values, beyond } } })).toMatchObject([
    {
      key: 'drift-home/lxc/200',
      title: 'postgres is not as it is declared',
      text: 'postgres (lxc/200 on pve1) is on pve2, and pve1 is declared.',
      at: since,
    },
  ]);
});
