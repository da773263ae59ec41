import { describe, expect, it } from 'vitest';
import { homeTokens } from '../../simulators/pve/index.ts';
import { type GuestLab, guestLab } from './guest-lab.ts';

const web = ['create', 'web', '--type', 'lxc', '--disk', '8G', '--dry-run'];
const right = ['--node', 'pve1', '--cores', '2', '--memory', '2G', '--storage', 'local-lvm', '--bridge', 'vmbr0'];

/** The faults alone, without what every error says behind them. */
async function faultsOf(lab: GuestLab, ...words: string[]): Promise<string[]> {
  const { err } = await lab.call(...web, ...words);
  return err
    .replace('USAGE: ', '')
    .split('\n')
    .filter((line) => /^(?:--|NAME)/.test(line));
}

describe('a new guest against the cluster as it is', () => {
  it('is told at once what its node does not have, each by its flag', async () => {
    const lab = await guestLab();
    const words = ['--node', 'pve1', '--cores', '9', '--memory', '32G', '--storage', 'local-lmv', '--bridge', 'vmbr1'];
    expect(await faultsOf(lab, ...words)).toEqual([
      '--storage: local-lmv is no storage of pve1; did you mean local-lvm?',
      '--bridge: vmbr1 is no bridge of pve1; did you mean vmbr0?',
      '--cores: pve1 has 8 CPUs, fewer than 9',
      '--memory: pve1 has 24 GiB in all, less than 32 GiB',
    ]);
    const { nodes, storages } = lab.lab.pve.world;
    expect(await faultsOf(lab, ...right, '--node', 'pve9')).toEqual([
      '--node: pve9 is no node of home; did you mean pve1?',
    ]);
    expect(await faultsOf(lab, ...right, '--storage', 'local')).toEqual([
      '--storage: local takes no disks of containers (its content is iso, vztmpl, backup)',
    ]);
    Object.assign(storages.get('local-lvm') ?? {}, { used: 795 * 2 ** 30 });
    expect(await faultsOf(lab, ...right)).toEqual(['--disk: 5 GiB are free in local-lvm of pve1, fewer than 8 GiB']);
    const first = nodes.get('pve1');
    if (first !== undefined) nodes.set('pve2', { ...first, name: 'pve2', online: false });
    expect(await faultsOf(lab, ...right, '--node', 'pve2')).toEqual(['--node: pve2 is not online']);
  });

  it('says what the token could not look at, and takes the words as they are', async () => {
    const lab = await guestLab();
    const token = lab.lab.pve.world.tokens.get(homeTokens.read.split('=')[0] ?? '');
    Object.assign(token?.acl ?? {}, { '/': ['VM.Audit'] });
    const said = await lab.call(...web, ...right, '--bridge', 'vmbr9');
    expect(said.code, said.err).toBe(0);
    expect(said.out).toContain('network: { bridge: vmbr9 }');
    expect(said.err.split('\n')).toEqual([
      'not checked: whether pve1 has the storage local-lvm (the token that reads lacks Datastore.Audit on /storage/local-lvm)',
      'not checked: whether pve1 has the bridge vmbr9 (the token that reads lacks SDN.Audit on /sdn/zones)',
      'not checked: whether pve1 has as many CPUs and as much memory (the token that reads lacks Sys.Audit on /nodes/pve1)',
      '',
    ]);
  });
});
