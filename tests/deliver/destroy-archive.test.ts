import { describe, expect, it } from 'vitest';
import { homeTokens } from '../../simulators/pve/index.ts';
import type { DeliverLab } from '../support/deliver-lab.ts';
import { planOf, writesIn } from '../terraform/real/deliver-lab.ts';
import { backUp, gone, ready } from './destroy-lab.ts';

describe('the archive of the backup that a guest is destroyed by', () => {
  it.each<[string, (lab: DeliverLab) => void, RegExp]>([
    ['was pruned', (lab) => filesOf(lab).clear(), /the backup UPID:\S+ is no more: it is not in local of pve1/],
    [
      'is another one, of the day before',
      (lab) => edit(lab, (file) => ({ ...file, ctime: file.ctime - 86_400 })),
      /is no more: it is not in local of pve1/,
    ],
    [
      'did not pass its verification',
      (lab) => edit(lab, (file) => ({ ...file, verification: 'failed' })),
      /is no more: local:backup\/vzdump-lxc-202-\S+ did not pass its verification/,
    ],
    [
      'cannot be seen by the runner',
      withoutBackup,
      /cannot be seen: the token lacks VM\.Backup on \/vms\/202; nothing was destroyed/,
    ],
    [
      'lies where the runner may not look',
      (lab) => lab.lab.pve.world.storages.clear(),
      /cannot be seen: the token sees no storage of pve1 that takes backups/,
    ],
  ])('keeps the guest where it %s', async (_name, given, says) => {
    const lab = await ready();
    await backUp(lab, 201, 202);
    const number = await lab.propose('gone', gone);
    await lab.plan(number);
    await lab.merge(number);
    given(lab);
    expect((await lab.run())[0]).toMatch(says);
    expect(lab.lab.pve.world.guests.has(202)).toBe(true);
    expect(writesIn(lab).filter((one) => one.startsWith('DELETE'))).toEqual([]);
  });

  it('is named by the dry run, or missed, where who plans may see it', async () => {
    const lab = await ready();
    for (const { acl } of lab.lab.pve.world.tokens.values())
      acl['/'] = [...(acl['/'] ?? []), 'VM.Backup', 'Datastore.AllocateSpace'];
    await backUp(lab, 202);
    const number = await lab.propose('gone', gone);
    await lab.plan(number);
    expect(plain(await planOf(lab, number))).toMatch(/its archive is local:backup\/vzdump-lxc-202-/);
    filesOf(lab).clear();
    const again = await lab.propose('again', gone);
    await lab.plan(again);
    expect(plain(await planOf(lab, again))).toMatch(/is no more: it is not in local of pve1/);
  });
});

/** Without what keeps a forge from taking it for a link or an address. */
function plain(comment: string): string {
  return comment.replace(/&#8203;|\\/g, '');
}

type Stored = Parameters<ReturnType<typeof filesOf>['set']>[1];

function edit(lab: DeliverLab, change: (file: Stored) => Stored): void {
  for (const [path, file] of [...filesOf(lab)]) filesOf(lab).set(path, change(file));
}

/** What lies in the storage of backups. */
function filesOf({ lab }: DeliverLab) {
  const storage = lab.pve.world.storages.get('local');
  if (storage === undefined) throw new Error('there is no local');
  return storage.files;
}

function withoutBackup({ lab }: DeliverLab): void {
  const token = lab.pve.world.tokens.get(homeTokens.write.split('=')[0] ?? '');
  if (token !== undefined) token.acl['/'] = (token.acl['/'] ?? []).filter((privilege) => privilege !== 'VM.Backup');
}
