import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../../src/core/change-set.ts';
import type { LiveGuest } from '../../../src/core/guest.ts';
import { againstDestroying, destroySteps } from '../../../src/declarations/guest/index.ts';
import { declared, declaredVm, live, liveVm } from './examples.ts';

const backup = { upid: 'UPID:pve1:0000:vzdump:200:', endedAt: '2026-11-20T02:00:00Z', holds: ['rootfs'] };
const stopped = (changes: Partial<LiveGuest> = {}) => live({ status: 'stopped', ...changes });

describe('a guest that is declared no more', () => {
  it('is destroyed in one step that binds its backup and its configuration, and has no way back', () => {
    expect(destroySteps(declared(), stopped(), backup)).toMatchObject([
      {
        applier: 'proxmox',
        kind: 'destroy-guest',
        action: { kind: 'destroy-guest', backup: backup.upid, config: live().digest },
        before: { name: 'postgres', node: 'pve1', memory: 2048 },
        after: {},
        inverse: 'irreversible',
        destroys: true,
      },
    ]);
  });

  it('needs nothing where it is gone', () => {
    expect(destroySteps(declared(), undefined, undefined)).toEqual([]);
  });

  it.each([
    ['is called otherwise', stopped({ name: 'web' }), backup, /^target-mismatch: lxc\/200 on pve1 is called web/],
    [
      'runs',
      live(),
      backup,
      /^target-not-ready: postgres is running.* pct shutdown 200 on pve1, or gitmend guest stop postgres$/,
    ],
    ['has no backup', stopped(), undefined, /^no-backup: no backup of postgres ended well.* vzdump 200 --storage/],
    [
      'is protected',
      stopped({ protected: true }),
      backup,
      /^target-not-ready: .* pct set 200 --protection 0 on pve1, or gitmend guest unprotect postgres$/,
    ],
    [
      'is managed by HA',
      stopped({ ha: true }),
      backup,
      /^target-not-ready: .* high availability.* ha-manager remove ct:200 on pve1$/,
    ],
    [
      'is a resource of HA that is ignored',
      stopped({ ties: { resource: { state: 'ignored' }, replication: [] } }),
      backup,
      /^target-not-ready: .* configured in high availability \(ignored\).* ha-manager remove ct:200 on pve1$/,
    ],
    [
      'is replicated',
      stopped({
        ties: {
          replication: [
            { id: '200-0', to: 'pve2' },
            { id: '200-1', to: 'pve3' },
          ],
        },
      }),
      backup,
      /^target-not-ready: postgres is replicated \(200-0 to pve2, 200-1 to pve3\).*: pvesr delete 200-0 && pvesr delete 200-1 on pve1; done once/,
    ],
    [
      'has a disk that came after its backup',
      stopped({ volumes: ['mp0', 'rootfs'] }),
      backup,
      /^no-backup: the backup of postgres that ended 2026-11-20T02:00:00Z does not hold mp0; make one that does: vzdump 200/,
    ],
    [
      'has more than its backup',
      stopped({ notBackedUp: ['mp0', 'unused0'] }),
      backup,
      /^no-backup: mp0, unused0 of .*; have it backed up \(backup=1 on mp0\).*; attach unused0 again .* pct set 200 --delete unused0 on pve1$/,
    ],
    [
      'has an unused volume, which no setting has backed up',
      stopped({ notBackedUp: ['unused0', 'unused1'] }),
      backup,
      /; attach unused0, unused1 again and make a backup anew, or remove it .* pct set 200 --delete unused0,unused1 on pve1$/,
    ],
  ])('that %s is refused with what to do', (_, now, made, says) => {
    const result = destroySteps(declared(), now, made);
    expect(isRefusal(result) ? `${result.reason}: ${result.message}; ${result.next}` : 'a step').toMatch(says);
  });

  it('as a virtual machine is named by its own tool', () => {
    const result = destroySteps(declaredVm(), liveVm(), backup);
    expect(isRefusal(result) ? result.next : 'a step').toMatch(/qm shutdown/);
    const managed = againstDestroying(declaredVm(), { ...liveVm(), status: 'stopped', ha: true }, backup);
    expect(managed.map(({ next }) => next).join()).toMatch(/ha-manager remove vm:\d+/);
  });

  it('is told everything that keeps it at once, and of another guest nothing but that it is another', () => {
    const now = live({ protected: true, notBackedUp: ['mp0'] });
    const said = (one: LiveGuest) => againstDestroying(declared(), one, undefined).map(({ message }) => message);
    expect(said(now)).toEqual([
      expect.stringContaining('postgres is running'),
      expect.stringContaining('no backup of postgres'),
      expect.stringContaining('postgres is protected'),
      expect.stringContaining('mp0 of postgres'),
    ]);
    expect(said({ ...now, name: 'web' })).toEqual([expect.stringContaining('is called web')]);
    expect(againstDestroying(declared(), stopped(), backup)).toEqual([]);
    const unseen = stopped({ ties: { resource: null, replication: [] } });
    expect(againstDestroying(declared(), unseen, backup)).toEqual([]);
  });
});
