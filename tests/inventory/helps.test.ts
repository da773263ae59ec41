import { describe, expect, it } from 'vitest';
import type { DeclaredGuest } from '../../src/core/declared-guest.ts';
import type { Signal } from '../../src/core/signal.ts';
import { diagnoseCase } from '../../src/heal/diagnose.ts';
import { identify, type Inventory } from '../../src/inventory/index.ts';

const guest = (name: string, vmid: number, address: string): { guest: DeclaredGuest; line: number } => ({
  guest: {
    ...{ cluster: 'home', type: 'lxc', vmid, name, node: 'pve1', file: `guests/${name}.yaml`, cores: 2, memory: 2048 },
    ...{ disk: { storage: 'local', size: 8 }, network: { bridge: 'vmbr0', address }, tags: [], carries: [] },
  },
  line: 5,
});
const inventory: Inventory = {
  clusters: [{ name: 'home', endpoint: 'https://pve1:8006', read: { env: 'X' }, exporters: [] }],
  declared: [
    guest('postgres', 200, '192.168.1.20/24'),
    guest('web', 201, 'fd00::21/64'),
    guest('old', 202, '192.168.1.22/24'),
    guest('new', 203, '192.168.1.22/24'),
  ],
  live: [{ cluster: 'home', type: 'lxc', vmid: 200, node: 'pve1', name: 'postgres' }],
};
const signal = (labels: Signal['labels'], changes: Partial<Signal> = {}): Signal => ({
  ...{ door: 'alertmanager', status: 'firing', name: 'HostOutOfMemory', family: 'memory', asks: 'grow', labels },
  ...{ annotations: {}, startsAt: '2026-11-20T03:12:00Z', fingerprint: 'a', repeats: 1, ...changes },
});
const helps = (labels: Signal['labels']) => {
  const identity = identify(signal(labels), inventory);
  return identity.ok ? 'pinned' : identity.helps;
};
const label = 'give its target in Prometheus the label id:';

describe('an alert that names no guest by its id', () => {
  it.each([
    ['the address of a guest', { instance: '192.168.1.20:9100' }, 'postgres', 'lxc/200'],
    ['its name', { instance: 'postgres:9100' }, 'postgres', 'lxc/200'],
    ['its name with a domain', { instance: 'Postgres.home.lan' }, 'postgres', 'lxc/200'],
    ['its address of IPv6', { instance: '[fd00::21]:9100' }, 'web', 'lxc/201'],
    ['the name of its kernel', { instance: 'exporter:9100', nodename: 'postgres' }, 'postgres', 'lxc/200'],
  ])('is never pinned by %s, and says which label would', (_, labels: Signal['labels'], name, id) => {
    expect(helps(labels)).toEqual([`if it is ${name}, ${label} ${id} (static_configs, labels)`]);
  });

  it.each<Signal['labels']>([
    { instance: '192.168.1.22:9100' },
    { instance: 'http://postgres/metrics' },
    { instance: 'mail:9100' },
    {},
  ])('says only which label it wants where two guests or none could be meant: %j', (labels) => {
    expect(helps(labels)).toEqual([
      `${label} lxc/<vmid> or qemu/<vmid> of the guest that it is in (static_configs, labels)`,
    ]);
  });

  it('of a node is told that nodes are not changed', () => {
    expect(helps({ instance: 'pve1.home.lan:9100' })).toEqual(['pve1 is a node: nodes are reported, never changed']);
  });

  it('with the path of a control group is told how cAdvisor’s id becomes one, and with any other word nothing', () => {
    expect(String(helps({ id: '/lxc/200/ns/system.slice' }))).toContain('regex: "/lxc/([0-9]+).*", target_label: id');
    expect(helps({ id: '/docker/3f9c1a' })).toEqual([]);
    expect(helps({ id: '/lxc/20a' })).toEqual([]);
  });

  it('of a kind that nothing diagnoses is for people, whichever label it had', async () => {
    const never = () => Promise.reject(new Error('nothing is read'));
    const diagnosed = async (one: Signal) => {
      const identity = identify(one, inventory);
      return diagnoseCase({ signal: one, identity, also: [] }, never, never, () => 0);
    };
    const forPeople = ['let Alertmanager send it to people: gitmend diagnoses cpu and memory'];
    const down = { name: 'PostgresqlDown', family: 'postgres' };
    for (const labels of [{ instance: '192.168.1.20:9187' }, { id: 'lxc/200' }])
      expect(await diagnosed(signal(labels, down))).toMatchObject({ outcome: 'unknown', helps: forPeople });
    const bare = signal({ id: 'lxc/200' }, { name: 'MyRule' });
    delete bare.family;
    expect(await diagnosed(bare)).toMatchObject({
      helps: ['name its family in gitmend.yaml: alerts: { MyRule: memory }'],
    });
  });
});
