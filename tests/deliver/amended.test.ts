import { rm } from 'node:fs/promises';
import { afterEach, expect, it } from 'vitest';
import { memoryShort, MiB } from '../../simulators/pve/index.ts';
import { gitIn } from '../../src/git/git.ts';
import { type DeliverLab, deliverLab } from '../support/deliver-lab.ts';

let lab: DeliverLab;
afterEach(async () => expect(await lab.close()).toEqual([]));

/** What a person at their own clone does; the message, and with it gitmend's mark, stays. */
async function amend(branch: string): Promise<string> {
  const folder = `${lab.lab.folder}/alex`;
  const git = gitIn(folder, { name: 'alex', email: 'alex@home.lan' });
  await gitIn(lab.lab.folder)(['clone', '--quiet', '--branch', branch, lab.lab.forge.remote, folder]);
  await gitIn(folder)(['config', 'core.editor', 'true']);
  await git(['rm', '--quiet', 'guests/nextcloud.yaml']);
  await git(['commit', '--quiet', '--amend', '--no-edit']);
  await git(['push', '--quiet', '--force', 'origin', branch]);
  const head = (await git(['rev-parse', 'HEAD'])).stdout.trim();
  await rm(folder, { recursive: true });
  return head;
}

it('a commit of gitmend that a person amended is theirs: it asks for one more approval, and is not pushed over', async () => {
  const begin = {
    'gitmend.yaml': (text: string) => text.replace('[maintainer]', '[maintainer, alex, kim]'),
    'policies/guests.yaml': (text: string) => text.replaceAll('level: approve\n', 'level: approve-2\n'),
  };
  lab = await deliverLab({ begin, trouble: memoryShort });
  await lab.heal();
  const pr = (await lab.open()).get('resize-guest');
  const policy = async (commit: string) =>
    (await lab.lab.forge.statuses(commit)).find(({ context }) => context === 'gitmend/policy')?.description;
  expect(await policy(pr?.head ?? '')).toMatch(/^0 of 2 approvals/);
  const head = await amend(pr?.branch ?? '');
  await lab.plan();
  expect(await policy(head)).toMatch(/^(0 of 3 approvals|refused)/);
  // Another value would be proposed now.
  const guest = lab.lab.pve.world.guests.get(200);
  if (guest !== undefined) guest.load.shared = 1000 * MiB;
  lab.setLive(200, { swap: 1012 });
  expect(await lab.heal()).toMatchObject([{ state: 'refused', refusal: { reason: 'hands-off' } }]);
  expect((await lab.lab.forge.pullRequest(pr?.number ?? 0)).head).toBe(head);
});
