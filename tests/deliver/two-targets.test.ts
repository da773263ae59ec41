import { expect, it } from 'vitest';
import { deliverLab, set } from '../support/deliver-lab.ts';

it('a change of two guests is not verified by looking at one of them', async () => {
  const lab = await deliverLab();
  try {
    const edits = { 'guests/nextcloud.yaml': set('memory', 5120), 'guests/postgres.yaml': set('memory', 3072) };
    const number = await lab.propose('both', edits);
    await lab.plan();
    lab.clock.advance(120_000);
    await lab.merge(number);
    const { next } = await lab.pass();
    expect([lab.live(200), lab.live(201)]).toEqual([3072, 5120]);
    // The second target, in the order of the plan, cannot be seen from now on.
    lab.lab.pve.faults.inject({ fault: 'error-596', path: /\/201\//, count: 10_000 });
    lab.clock.reach(next ?? 0);
    await lab.run();
    expect(await lab.record(number)).toMatchObject({ outcome: 'inconclusive' });
  } finally {
    expect(await lab.close()).toEqual([]);
  }
});
