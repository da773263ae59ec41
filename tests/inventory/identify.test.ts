import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClusterConfig } from '../../src/core/config.ts';
import type { DeclaredGuest } from '../../src/core/declared-guest.ts';
import type { Signal } from '../../src/core/signal.ts';
import { collapse, type DeclaredPlace, identify, type Inventory, type ListedGuest } from '../../src/inventory/index.ts';

const cluster = (name: string, exporters: string[] = []): ClusterConfig => ({
  name,
  endpoint: `https://${name}:8006`,
  read: { env: 'X' },
  exporters,
});

const listed: ListedGuest = { cluster: 'home', type: 'lxc', vmid: 200, node: 'pve2', name: 'postgres' };

const declared = (changes: Partial<DeclaredGuest> = {}, line = 5): DeclaredPlace => ({
  guest: {
    ...{ cluster: 'home', type: 'lxc', vmid: 200, name: 'postgres', node: 'pve1', file: 'guests/postgres.yaml' },
    ...{
      cores: 2,
      memory: 2048,
      disk: { storage: 'local', size: 8 },
      network: { bridge: 'vmbr0' },
      tags: [],
      carries: [],
    },
    ...changes,
  },
  line,
});

const home: Inventory = { clusters: [cluster('home')], declared: [declared()], live: [listed] };
const two: Inventory = {
  ...{ clusters: [cluster('home', ['pve-exporter:9221']), cluster('away', ['away-job'])], declared: [declared()] },
  live: [listed, { ...listed, cluster: 'away', name: 'other' }],
};

function signal(labels: { [label: string]: string }, changes: Partial<Signal> = {}): Signal {
  return {
    ...{ door: 'alertmanager', status: 'firing', name: 'LxcMemoryHigh', family: 'memory', asks: 'grow', labels },
    ...{
      annotations: {},
      startsAt: '2026-11-20T03:12:00Z',
      fingerprint: JSON.stringify(labels),
      repeats: 1,
      ...changes,
    },
  };
}

describe('a signal is pinned', () => {
  it('to the target, its one file, and the node of now', () => {
    const identity = identify(signal({ id: 'lxc/200', node: 'pve1' }), home);
    expect(identity).toMatchObject({
      ok: true,
      target: 'home/lxc/200',
      node: 'pve2',
      name: 'postgres',
      declared: { file: 'guests/postgres.yaml' },
    });
  });

  it.each([
    { id: 'lxc/200', vmid: '200', name: 'postgres', target: 'lxc/200' },
    { id: 'lxc/200', target: 'home/lxc/200', cluster: 'home' },
    { id: 'lxc/200', target: 'postgres' },
    { id: 'lxc/200', vmid: '', name: '', cluster: '' },
  ])('where its labels agree: %j', (labels) => {
    expect(identify(signal(labels), home)).toMatchObject({ ok: true });
  });

  it('by the exporter that the configuration assigns, where several clusters are configured', () => {
    expect(identify(signal({ id: 'lxc/200', instance: 'pve-exporter:9221' }), two)).toMatchObject({
      ok: true,
      target: 'home/lxc/200',
    });
    expect(identify(signal({ id: 'lxc/200', cluster: 'home', job: 'anything' }), two)).toMatchObject({
      ok: true,
      target: 'home/lxc/200',
    });
  });

  it('without regard to annotations', () => {
    const annotated = signal({ id: 'lxc/200' }, { annotations: { name: 'web', id: 'lxc/201', cluster: 'away' } });
    expect(identify(annotated, home)).toMatchObject({ ok: true, target: 'home/lxc/200' });
  });
});

describe('a signal is not pinned', () => {
  it.each([
    'lxc/0200',
    'lxc/20',
    'lxc/2000000000',
    'LXC/200',
    'lxc/200 ',
    ' lxc/200',
    'lxc/200\n',
    '/lxc/200',
    'lxc//200',
    'lxc/２００',
    'lxc/٢٠٠',
    'lxc/200\uFFFD',
    'ｌｘｃ/200',
    'lxc/2e2',
    'lxc/+200',
    'lxc/200/0',
    'cluster/home',
    'node',
    'node/',
    'storage',
    'docker/abc',
    '200',
    '__proto__',
  ])('by the id %j: byte for byte or not at all', (id) => {
    expect(identify(signal({ id }), home)).toMatchObject({ ok: false, outcome: 'unknown', rule: 'id-invalid' });
  });

  it('without an id, whatever else is said', () => {
    expect(identify(signal({ vmid: '200', name: 'postgres' }), home)).toMatchObject({
      ok: false,
      outcome: 'unknown',
      rule: 'id-missing',
    });
  });

  it('by any other text than an id', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (id) => {
        fc.pre(id !== 'lxc/200' && !/^(node|storage)\/./.test(id));
        expect(identify(signal({ id }), home)).toMatchObject({ ok: false, outcome: 'unknown' });
      }),
    );
  });

  it.each(['node/pve1', 'storage/pve1/local-lvm'])('%s is reported only', (id) => {
    expect(identify(signal({ id }), home)).toMatchObject({ ok: false, outcome: 'report-only', rule: 'not-a-guest' });
  });

  it.each([
    { vmid: '201' },
    { vmid: '0200' },
    { name: 'web' },
    { name: 'Postgres' },
    { target: 'lxc/201' },
    { target: 'away/lxc/200' },
  ])('where its labels contradict each other or the live name: %j', (labels) => {
    const identity = identify(signal({ id: 'lxc/200', ...labels }), home);
    expect(identity).toMatchObject({ ok: false, outcome: 'unknown', rule: 'labels-contradict' });
  });

  it('by a cluster label that names no configured cluster, also when only one is configured', () => {
    const identity = identify(signal({ id: 'lxc/200', cluster: 'hoem' }), home);
    expect(identity).toMatchObject({ ok: false, outcome: 'unknown', rule: 'cluster-unknown' });
    expect(identify(signal({ id: 'node/pve1', cluster: 'hoem' }), home)).toMatchObject({ outcome: 'unknown' });
  });

  it.each([
    {},
    { instance: 'elsewhere' },
    { cluster: 'home', job: 'away-job' },
    { instance: 'pve-exporter:9221', job: 'away-job' },
  ])('where the cluster is ambiguous: %j', (labels) => {
    expect(identify(signal({ id: 'lxc/200', ...labels }), two)).toMatchObject({
      ok: false,
      outcome: 'unknown',
      rule: 'cluster-ambiguous',
    });
  });

  it('where Proxmox VE has no such guest, one of the other type, or two', () => {
    const lives: [ListedGuest[], string][] = [
      [[], 'not-in-cluster'],
      [[{ ...listed, type: 'qemu' }], 'labels-contradict'],
      [[listed, { ...listed, node: 'pve1' }], 'identity-ambiguous'],
      [[{ ...listed, cluster: 'away' }], 'not-in-cluster'],
    ];
    for (const [live, rule] of lives) {
      expect(identify(signal({ id: 'lxc/200' }), { ...home, live })).toMatchObject({
        ok: false,
        outcome: 'unknown',
        rule,
      });
    }
  });

  it('where the guests cannot be listed, with the reason', () => {
    const identity = identify(signal({ id: 'lxc/200' }), {
      ...home,
      live: [],
      unreachable: { home: 'PVE_UNREACHABLE: refused' },
    });
    expect(identity).toMatchObject({
      rule: 'no-evidence',
      message: 'the guests of home cannot be listed: PVE_UNREACHABLE: refused',
    });
  });

  it('where nothing declares it, naming the guest', () => {
    expect(identify(signal({ id: 'lxc/200' }), { ...home, declared: [] })).toMatchObject({
      rule: 'not-declared',
      message: 'home/lxc/200 is declared nowhere in guests/',
    });
    const qemu = { ...home, declared: [declared({ type: 'qemu' })] };
    expect(identify(signal({ id: 'lxc/200' }), qemu)).toMatchObject({ rule: 'not-declared' });
  });

  it('where several places declare it, naming the places', () => {
    const twice = {
      ...home,
      declared: [declared(), declared({ file: 'guests/old.yaml', name: 'old', type: 'qemu' }, 4)],
    };
    expect(identify(signal({ id: 'lxc/200' }), twice)).toMatchObject({
      rule: 'declared-twice',
      message: 'home/lxc/200 is declared in several places: guests/postgres.yaml:5, guests/old.yaml:4',
    });
  });

  it('where the declaration calls it otherwise: the id may belong to another guest now', () => {
    expect(identify(signal({ id: 'lxc/200' }), { ...home, declared: [declared({ name: 'web' })] })).toMatchObject({
      rule: 'name-mismatch',
    });
  });
});

describe('one outcome per target and family', () => {
  const cases = (...signals: Signal[]) =>
    collapse(signals.map((one) => ({ signal: one, identity: identify(one, home) })));

  it('joins two alerts of one family, and the firing one speaks', () => {
    const resolved = signal({ id: 'lxc/200' }, { status: 'resolved', name: 'A' });
    const firing = signal({ id: 'lxc/200', severity: 'critical' }, { name: 'B' });
    expect(cases(resolved, firing)).toMatchObject([{ signal: { name: 'B', status: 'firing' }, also: [{ name: 'A' }] }]);
  });

  it('lets the one that asks for more speak before the one that asks for less', () => {
    expect(cases(signal({ id: 'lxc/200' }, { asks: 'shrink' }), signal({ id: 'lxc/200', a: 'b' }))).toMatchObject([
      { signal: { asks: 'grow' } },
    ]);
  });

  it('keeps two families apart', () => {
    expect(cases(signal({ id: 'lxc/200' }), signal({ id: 'lxc/200' }, { family: 'cpu' }))).toHaveLength(2);
  });

  it('takes the second series of a guest for the same guest, never for more', () => {
    expect(cases(signal({ id: '/lxc/200' }), signal({ id: 'lxc/200' }))).toMatchObject([
      { identity: { ok: true, target: 'home/lxc/200' } },
    ]);
  });

  it('does not pin the second series alone', () => {
    expect(cases(signal({ id: '/lxc/200' }))).toMatchObject([{ identity: { ok: false, outcome: 'unknown' } }]);
  });

  it('counts what repeats', () => {
    const storm = Array.from({ length: 50 }, (_, index) => signal({ id: 'lxc/200', pod: String(index) }));
    expect(cases(...storm)).toMatchObject([{ signal: { repeats: 50 } }]);
  });

  it('says the same unpinned thing once', () => {
    expect(
      cases(signal({ id: 'node/pve1' }), signal({ id: 'node/pve1', x: 'y' }), signal({ id: 'node/pve2' })),
    ).toHaveLength(2);
  });

  it('does not depend on the order of the delivery', () => {
    const all = [
      signal({ id: 'lxc/200' }, { startsAt: '2026-11-20T03:00:00Z' }),
      signal({ id: '/lxc/200' }),
      signal({ id: 'lxc/200', z: '1' }, { status: 'resolved' }),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: 3 }), (order) => {
        expect(cases(...order)).toMatchObject([
          { signal: { startsAt: '2026-11-20T03:00:00Z', status: 'firing' }, identity: { ok: true } },
        ]);
      }),
    );
  });
});
