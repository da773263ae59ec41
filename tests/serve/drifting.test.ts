import { afterAll, beforeAll, expect, it } from 'vitest';
import { GitmendError } from '../../src/core/errors.ts';
import { drifting } from '../../src/serve/drifting.ts';
import { type DeliverLab, deliverLab } from '../support/deliver-lab.ts';

let lab: DeliverLab;
let pass: () => Promise<number>;
const failure = new GitmendError('FORGE_FAILED', '502');
const counted: unknown[] = [];
const logged: unknown[] = [];

beforeAll(async () => {
  lab = await deliverLab();
  const metrics = { passes: { inc: (labels: unknown) => void counted.push(labels) } } as never;
  const log = (...said: unknown[]) => void logged.push(said);
  ({ pass } = drifting({ ground: lab.read, metrics, log, clock: lab.clock }));
});
afterAll(async () => expect(await lab.close()).toEqual([]));

it('looks for drift a while after the start, then as often as gitmend.yaml says, and when something has settled', async () => {
  const { requests, faults } = lab.lab.pve;
  expect([await pass(), requests.length]).toEqual([30_000, 0]);
  expect(await pass()).toBe(3_600_000);
  lab.setLive(200, { memory: 4096 });
  expect(await pass()).toBe(600_000);
  lab.clock.advance(600_000);
  expect(await pass()).toBe(3_600_000);
  expect([...(await lab.open()).keys()]).toEqual(['drift']);
  expect(lab.writes()).toBe(0);
  expect(logged).toContainEqual(['drift-seen', expect.objectContaining({ word: 'opened' })]);
  faults.inject({ fault: 'error-500', path: /\/lxc\/201\/config$/, count: 9 });
  await pass();
  expect(counted).toEqual([
    ...Array.from({ length: 3 }, () => ({ loop: 'drift', result: 'done' })),
    { loop: 'drift', result: 'partly' },
  ]);
});

it('tries again soon after a failure, and says it', async () => {
  const { pass: again } = drifting({
    ground: { ...lab.read, forge: { ...lab.read.forge, pullRequests: () => Promise.reject(failure) } },
    metrics: { passes: { inc: () => undefined } } as never,
    log: (...said: unknown[]) => void logged.push(said),
    clock: lab.clock,
  });
  await again();
  expect(await again()).toBe(60_000);
  expect(logged).toContainEqual(['drift-failed', { code: 'FORGE_FAILED', message: '502' }]);
});
