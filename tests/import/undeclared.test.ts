import { describe, expect, it } from 'vitest';
import { importInto } from '../../src/import/index.ts';
import { undeclaredOf } from '../../src/import/undeclared.ts';
import { declared, found } from './examples.ts';

const keys = (...sides: Parameters<typeof undeclaredOf>) => undeclaredOf(...sides).map(({ key }) => key);

describe('settings that a file cannot say', () => {
  it('are none of a plain container, and none that Proxmox VE makes itself', () => {
    const config = {
      ...{
        arch: 'amd64',
        digest: 'd',
        ostype: 'debian',
        unprivileged: 1,
        cores: 2,
        memory: 512,
        swap: 0,
        hostname: 'web',
      },
      ...{
        net0: 'name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:14,ip=dhcp,type=veth',
        rootfs: 'a:b,size=8G',
        tags: 'x',
      },
    };
    expect(keys('lxc', config, 'rootfs')).toEqual([]);
  });

  it('are named one by one, parts of the first card and of the disk by their own names', () => {
    const config = {
      ...{
        unprivileged: 0,
        net0: 'virtio=BC:24:11:00:00:14,bridge=vmbr0,tag=3,firewall=1',
        scsi0: 'a:b,size=8G,ssd=1',
      },
      ...{ scsi1: 'a:c,size=8G', ipconfig0: 'ip=dhcp', ipconfig1: 'ip=dhcp', lxc: [['lxc.idmap', 'u']] },
    };
    expect(keys('qemu', config, 'scsi0')).toEqual([
      ...['ipconfig1', 'lxc', 'net0.firewall', 'net0.tag', 'scsi0.ssd', 'scsi1', 'unprivileged'],
    ]);
    expect(keys('qemu', { ipconfig0: 'ip=dhcp,ip6=auto' }, '')).toEqual(['ipconfig0']);
  });

  it('are not protection where the file has it; elsewhere it is said how to declare it', () => {
    const undeclared = undeclaredOf('lxc', { protection: 1, onboot: 1 }, 'rootfs');
    const said = (change: Parameters<typeof declared>[0]) =>
      importInto({
        ...{ tree: new Map(), cluster: 'home', missing: new Map(), removeGone: false, template: new Map() },
        ...{ declared: [declared(change)], found: { guests: [found({ undeclared })], leftOut: [] } },
      }).undeclared;
    const onboot = { key: 'onboot', why: 'a file has no field for it', guests: ['web'] };
    expect(said({ protection: false })).toEqual([onboot]);
    const why = 'import leaves it out of a file; gitmend guest protect or unprotect declares it';
    const protection = { key: 'protection', why, guests: ['web'] };
    expect(said({})).toEqual([onboot, protection]);
    expect(said({ protection: true, vmid: 211 })).toEqual([onboot, protection]);
  });

  it('hold no value, whatever they are called', () => {
    const config = {
      cipassword: 'Tr0ub4dor',
      my_token: 'Tr0ub4dor',
      'Tr0ub4dor\u001b[2J': 1,
      description: 'Tr0ub4dor',
    };
    const said = undeclaredOf('qemu', config, '');
    expect(said).toEqual([
      { key: '(a key that is no word)', why: 'a file has no field for it' },
      { key: 'cipassword', why: 'cloud-init: holds secrets, and is never written down' },
      { key: 'description', why: 'a note may hold anything, and is never read' },
      { key: 'my_token', why: 'may hold a secret, and is never written down' },
    ]);
    expect(JSON.stringify(said)).not.toContain('Tr0ub4dor');
  });
});
