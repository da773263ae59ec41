import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/read.ts';
import { printFault } from '../../src/core/fault.ts';
import { driftRules } from '../../src/deliver/drift.ts';

const withDrift = (drift: string) =>
  readConfig(`version: 1
forge: { kind: local }
clusters:
  - { name: home, endpoint: "https://pve1:8006", ca: ca.pem, read: env:PVE_READ }
${drift}
`);
const faultsOf = (drift: string): string[] => {
  const read = withDrift(drift);
  return read.ok ? [] : read.faults.map(printFault);
};
const rulesOf = (drift: string) => {
  const read = withDrift(drift);
  return read.ok ? driftRules(read.value) : 'faults';
};

describe('drift in gitmend.yaml', () => {
  it('is looked for every hour and settles in ten minutes where nothing says otherwise', () => {
    const usual = { every: 3600, settle: 600, ignore: [] };
    expect([rulesOf(''), rulesOf('drift: {}'), driftRules(undefined)]).toEqual([usual, usual, usual]);
  });

  it('is looked for as the file says: durations in seconds, what is ignored as it stands', () => {
    expect(rulesOf('drift: { every: 2h, settle: 30s, ignore: [swap, lxc/203:memory, home/qemu/101:disk] }')).toEqual({
      every: 7200,
      settle: 30,
      ignore: ['swap', 'lxc/203:memory', 'home/qemu/101:disk'],
    });
  });

  it('is off where it says off', () => expect(rulesOf('drift: off')).toBeUndefined());

  it.each([
    ['drift: on', 'gitmend.yaml:5:8 drift: on is not known here; write off, or { every: 1h, settle: 10m }'],
    ['drift: false', 'gitmend.yaml:5:8 drift: false is not known here; write off, or { every: 1h, settle: 10m }'],
    ['drift: { evry: 1h }', 'gitmend.yaml:5:10 drift.evry: is not a known field; did you mean every?'],
    ['drift: { every: 5s }', 'gitmend.yaml:5:17 drift.every: 5s is outside 1m to 7d'],
    ['drift: { settle: 10 }', 'gitmend.yaml:5:18 drift.settle: 10 is not a duration; did you mean 10s?'],
    ['drift: { ignore: swap }', 'gitmend.yaml:5:18 drift.ignore: swap is not a list; did you mean [swap]?'],
    [
      'drift: { ignore: [memroy] }',
      'gitmend.yaml:5:19 drift.ignore[0]: memroy is not a field, nor a field of a guest; did you mean memory?',
    ],
    [
      'drift: { ignore: ["web:memory"] }',
      'gitmend.yaml:5:19 drift.ignore[0]: web:memory is not a field, nor a field of a guest; write memory, swap, cores, name, node, disk, network, started or protection, or lxc/203:memory',
    ],
  ])('%s is a fault with its place and its mend', (drift, fault) => {
    expect(faultsOf(drift)).toEqual([fault]);
  });

  it('says every fault inside it at once', () => {
    expect(faultsOf('drift: { every: 1, settle: 2, ignore: [x] }')).toHaveLength(3);
  });
});
