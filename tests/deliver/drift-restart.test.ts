import { afterAll, beforeAll, expect, it } from 'vitest';
import { linesOf } from '../../src/cli/drift.ts';
import { isRefusal } from '../../src/core/change-set.ts';
import { driftLines, standingDrifts } from '../../src/deliver/drift-standing.ts';
import { openRestore } from '../../src/deliver/restore.ts';
import { readTruth } from '../../src/deliver/truth.ts';
import { driftPass } from '../../src/pipeline/drift.ts';
import { type DeliverLab, deliverLab, shortWindow } from '../support/deliver-lab.ts';
import { showsPlan } from '../terraform/real/deliver-lab.ts';

let lab: DeliverLab;
let said: string[];

beforeAll(async () => {
  lab = await deliverLab({ begin: shortWindow });
  await driftPass(lab.read);
  // Of a virtual machine that takes no memory live what somebody sets waits for a restart.
  const guest = lab.lab.pve.world.guests.get(203);
  if (guest === undefined) throw new Error('no virtual machine');
  guest.pending = { memory: '6144' };
  await driftPass(lab.read);
  lab.clock.advance(600_000);
  said = linesOf(await driftPass(lab.read));
}, 60_000);
afterAll(async () => expect(await lab.close()).toEqual([]));

it('what waits for a restart counts as what will be, and the pull request says so beside its plan', async () => {
  expect(said).toEqual([
    'opened      homeassistant (qemu/203 on pve1): memory 6144 MiB waits for a restart, 4096 is declared; #1',
  ]);
  const truth = await readTruth(lab.read);
  const words = 'homeassistant (qemu/203 on pve1): memory 6144 MiB waits for a restart, 4096 is declared';
  expect(driftLines(await standingDrifts(lab.read, truth))).toEqual([`drift       ${words}, since 2026-11-20 03:34Z`]);
  const { body } = await lab.lab.forge.pullRequest(1);
  expect(body).toContain('| memory | 6144 MiB, after a restart | 4096 MiB |');
  expect(body).toContain('memory 6144 MiB waits for a restart on pve1 and counts as what will be: the plan below says');
  expect(body).not.toContain('changes nothing on the host');
  await showsPlan(lab, 1, 'golden/drift-accept-reboot.md');
});

it('restoring it is refused with what to do, since a restart would bring what nobody approved here', async () => {
  const truth = await readTruth(lab.read);
  const world = { ...lab.read, ...lab.read.engines(truth.rules) };
  const guest = truth.head.guests.get('home/qemu/203');
  if (guest === undefined) throw new Error('not declared');
  const restoring = await openRestore(world, truth, 'home/qemu/203', guest, '2026-11-20T04:00:00Z');
  expect(isRefusal(restoring) && restoring).toMatchObject({ reason: 'pending-elsewhere' });
});
