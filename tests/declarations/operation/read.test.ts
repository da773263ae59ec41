import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printFault } from '../../../src/core/fault.ts';
import { operationFile, printOperation, readOperation } from '../../../src/declarations/operation/index.ts';
import { without } from '../guest/examples.ts';
import { id, insist, made } from './examples.ts';

const text = printOperation(insist());
const faultsOf = (changed: string, now?: number, file = operationFile(id)): string[] => {
  const read = readOperation(changed, file, now);
  return read.ok ? [] : read.faults.map(printFault);
};

describe('an operation file', () => {
  it('is printed for people and read back as the same request', () => {
    expect(text).toBe(`# Merged means requested, once. An edit of this file is refused; deleting it does nothing.
version: 1
id: ${id}
remedy: apply-declared
target: home/lxc/200
parameters:
  fields:
    - memory
reason: "insist on 3072 MiB: the plan of #42 was stale"
evidence:
  - memory 4096 MiB, PVE GET /nodes/pve1/lxc/200/config, 2025-11-13T15:18:00Z
expectedState: sha256:${'a'.repeat(64)}
expiresAt: 2025-11-14T15:18:18Z
inverse:
  kind: set-guest-config
  set:
    memory: 4096
`);
    expect(readOperation(text, operationFile(id), made)).toEqual({ ok: true, warnings: [], value: insist() });
  });

  it('may say that it is irreversible, and may give no evidence', () => {
    const rest = without(insist({ inverse: 'irreversible' }), 'evidence');
    expect(printOperation(rest)).toContain('irreversible: true');
    expect(readOperation(printOperation(rest), operationFile(id))).toMatchObject({ ok: true, value: rest });
  });

  it('of any reason and evidence is read back as it was', () => {
    const line = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(
        line,
        fc.array(line, { maxLength: 4 }),
        fc.subarray(['memory', 'swap', 'cores'] as const, { minLength: 1 }),
        (reason, evidence, fields) => {
          const operation = insist({ reason, evidence, parameters: { fields } });
          expect(readOperation(printOperation(operation), operationFile(id))).toMatchObject({
            ok: true,
            value: operation,
          });
        },
      ),
    );
  });

  it('stays readable long after it expired: it is history', () => {
    expect(faultsOf(text, made + 400 * 86_400_000)).toEqual([]);
  });
});

describe('a request that cannot be trusted', () => {
  it.each([
    [
      'another id than its file',
      `id: ${id}`,
      'id: 01ARZ3NDEKTSV4RRFFQ69G5FAV',
      `id: 01ARZ3NDEKTSV4RRFFQ69G5FAV stands in operations/${id}.yaml; name the file operations/01ARZ3NDEKTSV4RRFFQ69G5FAV.yaml`,
    ],
    ['an id in lower case', `id: ${id}`, `id: ${id.toLowerCase()}`, 'is not a ULID'],
    ['an unknown remedy', 'remedy: apply-declared', 'remedy: run-script', 'remedy: run-script is not apply-declared'],
    [
      'a target that is none',
      'target: home/lxc/200',
      'target: lxc/200',
      'target: lxc/200 is not a target; write cluster/lxc/vmid or cluster/qemu/vmid',
    ],
    [
      'a field that it cannot apply',
      '    - memory',
      '    - bridge',
      'parameters.fields[0]: bridge is not memory, swap, cores, node, disk, network, started or protection',
    ],
    [
      'a field twice',
      '    - memory',
      '    - memory\n    - memory',
      'parameters.fields: names a field twice; name each once',
    ],
    [
      'no field',
      'fields:\n    - memory',
      'fields: []',
      'parameters.fields: names no field; write one of memory, swap, cores',
    ],
    ['no reason', /reason: .*/, 'reason: ""', 'reason: is empty'],
    [
      'a book of reasons',
      /reason: .*/,
      `reason: ${'x'.repeat(501)}`,
      'reason: is longer than 500 characters; say it shorter',
    ],
    ['a digest cut short', 'a'.repeat(64), 'a'.repeat(63), 'is not a digest; write sha256: and 64 hex digits'],
    [
      'a time without a zone',
      '2025-11-14T15:18:18Z',
      '2025-11-14 15:18',
      'is not a time in UTC; write 2026-11-24T03:34:00Z',
    ],
    [
      'a life of more than 7 days',
      '2025-11-14T15:18:18Z',
      '2025-11-20T15:18:19Z',
      'expiresAt: is more than 7 days after 2025-11-13T15:18:18Z; write 2025-11-20T15:18:18Z or earlier',
    ],
    [
      'an end before its beginning',
      '2025-11-14T15:18:18Z',
      '2025-11-13T15:18:18Z',
      'expiresAt: is not after 2025-11-13T15:18:18Z, when it was made',
    ],
    ['no end', /expiresAt: .*\n/, '', 'expiresAt: is missing'],
    ['both ways back', /$/, 'irreversible: true\n', 'irreversible: stands beside inverse; keep one of both'],
    ['no way back', /inverse:[^]*$/, '', 'says not how it is taken back; add inverse: or irreversible: true'],
    [
      'a way back that is a command',
      'kind: set-guest-config',
      'kind: shell',
      'inverse.kind: shell is not known here; write set-guest-config or reboot-guest',
    ],
    ['a way back to nothing', 'set:\n    memory: 4096', 'set: {}', 'inverse.set: names no value'],
    ['a way back of another field', 'memory: 4096', 'onboot: 1', 'inverse.set.onboot: is not a known field'],
    ['a field of its own', /$/, 'command: reboot\n', 'command: is not a known field'],
  ])('%s', (_, from, to, fault) => {
    expect(faultsOf(text.replace(from, to)).join('\n')).toContain(fault);
  });

  it('an id from the future, which would stretch the seven days', () => {
    expect(faultsOf(text, made - 10 * 60_000)[0]).toContain(
      'id: was made in the future (2025-11-13T15:18:18Z); make a new one',
    );
    expect(faultsOf(text, made - 60_000)).toEqual([]);
  });

  it('with every fault at once', () => {
    expect(
      faultsOf(text.replace('home/lxc/200', 'x').replace('version: 1', 'version: 9').replace('- memory', '- bridge')),
    ).toHaveLength(3);
  });
});
