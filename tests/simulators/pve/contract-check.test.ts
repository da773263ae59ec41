import { describe, expect, it } from 'vitest';
import { contractFile, pveContract } from '../../support/pve-contract.ts';

const contract = pveContract();
const config = '/nodes/pve1/lxc/200/config';
const vm = '/nodes/pve1/qemu/203/config';

describe.skipIf(!contract.present)(`a request held against ${contractFile.split('/').at(-1) ?? ''}`, () => {
  it.each([
    ['GET', '/cluster/resources', { type: 'vm' }],
    ['PUT', config, { memory: '3072', digest: 'a'.repeat(40) }],
    ['PUT', config, { net0: 'name=eth0,bridge=vmbr0,ip=dhcp' }],
    ['PUT', config, { rootfs: 'local-lvm:vm-200-disk-0,size=32G' }],
    ['PUT', vm, { net0: 'virtio=BC:24:11:00:00:17,bridge=vmbr0', memory: '6144' }],
    ['POST', '/nodes/pve1/lxc/200/status/reboot', { timeout: 30 }],
    ['GET', '/cluster/nextid', {}],
    ['GET', '/nodes/pve1/lxc/200/rrddata', { timeframe: 'month', cf: 'MAX' }],
  ])('passes: %s %s %o', (method, path, parameters) => {
    expect(contract.check(method, path, parameters)).toEqual([]);
  });

  it.each([
    ['POST', '/nodes/pve1/lxc/200/exec', {}, 'no such method'],
    ['PATCH', config, { memory: 1 }, 'no such method'],
    ['PUT', config, { ram: 3072 }, 'ram: no such parameter'],
    ['PUT', config, { memory: '3g' }, 'memory: 3g is no integer'],
    ['PUT', config, { memory: 8 }, 'memory: 8 is below 16'],
    ['PUT', config, { cores: 9000 }, 'cores: 9000 is above 8192'],
    ['PUT', config, { digest: 'a'.repeat(41) }, 'digest: longer than 40'],
    ['PUT', config, { onboot: 'yes' }, 'onboot: yes is no boolean'],
    ['PUT', config, { net0: 'bridge=vmbr0' }, 'net0: name is missing'],
    ['PUT', config, { net0: 'name=eth0,colour=red' }, 'net0: colour is no part of it'],
    ['PUT', config, { delete: 'a b!' }, 'delete: a b! is no pve-configid-list'],
    ['PUT', vm, { force: 1 }, 'force: needs delete'],
    ['GET', '/nodes/pve1/lxc/200/rrddata', {}, 'timeframe: missing'],
    ['GET', '/nodes/pve1/lxc/200/rrddata', { timeframe: 'fortnight' }, 'timeframe: fortnight is none of hour'],
    ['GET', '/nodes/pve_1/lxc/200/config', {}, 'node: pve_1 is no pve-node'],
    ['GET', '/nodes/pve1/lxc/99/config', {}, 'vmid: 99 is below 100'],
    ['PUT', '/nodes/pve1/lxc/200/resize', { disk: 'rootfs', size: '-4G' }, 'size: -4G does not match'],
  ])('fails: %s %s %o', (method, path, parameters, fault) => {
    const faults = contract.check(method, path, parameters);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(fault);
  });

  it('names all faults at once', () => {
    expect(contract.check('PUT', config, { memory: 'x', cores: 0, ram: 1 })).toHaveLength(3);
  });
});

describe.skipIf(!contract.present)('an answer held against it', () => {
  it.each([
    ['/cluster/nextid', '100', []],
    ['/cluster/nextid', 'abc', ['GET /cluster/nextid answers : abc is no integer']],
    ['/nodes/pve1/lxc/200/status/current', { ha: {}, status: 'running', vmid: 200, pressurememoryfull: '0.40' }, []],
    [
      '/nodes/pve1/lxc/200/status/current',
      { ha: {}, status: 'asleep', vmid: 200 },
      ['GET /nodes/pve1/lxc/200/status/current answers status: asleep is none of stopped, running'],
    ],
    ['/nodes/pve1/lxc/200/pending', [{ value: 1 }], ['GET /nodes/pve1/lxc/200/pending answers [0].key: missing']],
    ['/cluster/resources', {}, ['GET /cluster/resources answers : not an array']],
  ])('GET %s with %o', (path, data, faults) => {
    expect(contract.checkAnswer('GET', path, data)).toEqual(faults);
  });

  it('may have keys that are not described, and they can be asked for', () => {
    const data = { ha: {}, status: 'running', vmid: 200, swap: 0 };
    expect(contract.undocumented('GET', '/nodes/pve1/lxc/200/status/current', data)).toEqual(['swap']);
  });
});
