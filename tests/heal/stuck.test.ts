import { expect, it } from 'vitest';
import { memoryShort } from '../../simulators/pve/index.ts';
import { deliverLab, shortWindow } from '../support/deliver-lab.ts';

it('a proposal that conflicts with a base that moved is made again on the base of now, as the same pull request', async () => {
  const lab = await deliverLab({ trouble: memoryShort, begin: shortWindow });
  try {
    await lab.heal();
    const { head } = await lab.lab.forge.pullRequest(1);
    await lab.push('main', {
      'guests/postgres.yaml': (text) => text.replace(/^(memory: \d+).*$/m, '$1 # small on purpose'),
    });
    expect((await lab.plan()).get(1)).toMatchObject({ record: { refusals: [{ reason: 'conflict' }] } });
    expect(await lab.heal()).toMatchObject([{ state: 'updated', pullRequest: { number: 1 } }]);
    expect((await lab.lab.forge.pullRequest(1)).head).not.toBe(head);
    expect((await lab.plan()).get(1)).toMatchObject({ record: { refusals: [], steps: [{}] } });
    expect(await lab.heal()).toMatchObject([{ state: 'unchanged' }]);
  } finally {
    expect(await lab.close()).toEqual([]);
  }
});

it('one that a person has committed to is left as it is, and that is said', async () => {
  const lab = await deliverLab({ trouble: memoryShort, begin: shortWindow });
  try {
    await lab.heal();
    const { branch } = await lab.lab.forge.pullRequest(1);
    const head = await lab.push(branch, { 'guests/postgres.yaml': (text) => `${text}# mine\n` });
    await lab.push('main', {
      'guests/postgres.yaml': (text) => text.replace(/^(memory: \d+).*$/m, '$1 # small on purpose'),
    });
    expect(await lab.heal()).toMatchObject([{ state: 'refused', refusal: { reason: 'hands-off' } }]);
    expect((await lab.lab.forge.pullRequest(1)).head).toBe(head);
  } finally {
    expect(await lab.close()).toEqual([]);
  }
});
