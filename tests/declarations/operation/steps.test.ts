import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../../src/core/change-set.ts';
import { asBefore } from '../../../src/core/guest.ts';
import type { Step } from '../../../src/core/step.ts';
import { observedOf, preStateOf } from '../../../src/declarations/guest/index.ts';
import {
  operationFile,
  operationPaths,
  operationSteps,
  printOperation,
  readOperation,
  readOperations,
} from '../../../src/declarations/operation/index.ts';
import { declared, declaredVm, live, liveVm } from '../guest/examples.ts';
import { insist } from './examples.ts';

const operation = insist({ expectedState: preStateOf(live({ running: { memory: 4096, swap: 512, cores: 2 } })) });
const path = operationFile(operation.id);
const text = printOperation(operation);
const tree = (files: { [path: string]: string }) => new Map(Object.entries(files));
const now = Date.parse('2025-11-13T16:00:00Z');

describe('a difference of operation files', () => {
  const request = (before: Map<string, string>, after: Map<string, string>, used: string[] = []) =>
    readOperations(operationPaths(before, after), after, { used: new Set(used), now });

  it('requests what is added', () => {
    expect(request(tree({}), tree({ [path]: text }))).toEqual({ requested: [operation], refusals: [] });
  });

  it('requests nothing for what was there before, or is deleted', () => {
    expect(request(tree({ [path]: text }), tree({ [path]: text }))).toEqual({ requested: [], refusals: [] });
    expect(request(tree({ [path]: text }), tree({}))).toEqual({ requested: [], refusals: [] });
  });

  it('refuses an edit, even one of a comment', () => {
    expect(request(tree({ [path]: text }), tree({ [path]: `${text}# again, please\n` })).refusals).toMatchObject([
      { reason: 'operation-edited' },
    ]);
  });

  it('refuses an id that records know, also after the file was deleted and added again', () => {
    const result = request(tree({}), tree({ [path]: text }), [operation.id]);
    expect(result).toMatchObject({ requested: [], refusals: [{ reason: 'operation-used' }] });
  });

  it('refuses a file with faults and names each', () => {
    const { refusals } = request(
      tree({}),
      tree({ [path]: text.replace('- memory', '- bridge').replace('version: 1', 'version: 2') }),
    );
    expect(refusals).toMatchObject([{ reason: 'operation-invalid' }]);
    expect(refusals[0]?.message).toContain(`${path} cannot be trusted: line 2:10 version: 2 is not a version`);
    expect(refusals[0]?.message).toContain(
      'parameters.fields[0]: bridge is not memory, swap, cores, node, disk, network, started or protection',
    );
  });

  it('under a second name is refused, because the name is the id', () => {
    expect(request(tree({ [path]: text }), tree({ 'operations/again.yaml': text })).refusals).toMatchObject([
      { reason: 'operation-invalid' },
    ]);
  });

  it('takes no notice of other files', () => {
    expect(
      operationPaths(tree({}), tree({ 'operations/.gitkeep': '', 'operations/README.md': 'x', 'guests/a.yaml': 'x' })),
    ).toEqual({
      added: [],
      edited: [],
      deleted: [],
    });
  });
});

describe('an operation apply-declared', () => {
  const drifted = live({ running: { memory: 4096, swap: 512, cores: 2 } });

  it('applies the declared values although something else is live', () => {
    expect(operationSteps(operation, declared({ memory: 3072 }), drifted, now)).toMatchObject([
      { before: { memory: 4096 }, after: { memory: 3072 }, kind: 'resize-guest', live: true },
    ]);
  });

  it('touches only the fields that it names', () => {
    expect(operationSteps(operation, declared({ memory: 3072, cores: 8 }), drifted, now)).toMatchObject([
      { after: { memory: 3072 } },
    ]);
  });

  it('goes on when its value is written and waits for the restart', () => {
    const before = liveVm({ running: { memory: 4096, cores: 2 } });
    const onVm = { ...operation, target: 'home/qemu/200', expectedState: preStateOf(before) };
    const halfway = { ...before, pending: { memory: 3072 } };
    expect(operationSteps(onVm, declaredVm({ memory: 3072 }), halfway, now)).toMatchObject([
      { kind: 'resize-guest' },
      { kind: 'restart-vm' },
    ]);
    expect(
      operationSteps(onVm, declaredVm({ memory: 3072 }), { ...before, pending: { memory: 8192 } }, now),
    ).toMatchObject({ reason: 'stale' });
  });

  it.each([
    ['is refused from the second of its end on', declared(), drifted, Date.parse(operation.expiresAt), 'expired'],
    [
      'is refused when what is live has moved again',
      declared(),
      live({ running: { memory: 5120, swap: 512, cores: 2 } }),
      now,
      'stale',
    ],
    ['is refused for a target that is not declared', undefined, drifted, now, 'target-not-found'],
    ['is refused for a target that is not there', declared(), undefined, now, 'target-missing'],
  ])('%s', (_, guest, seen, at, reason) => {
    const result = operationSteps(operation, guest, seen, at);
    expect(isRefusal(result) && result.reason).toBe(reason);
  });
});

describe('an operation apply-declared of more than sizes', () => {
  const there = { bridge: 'vmbr0', address: '192.168.1.20/24', gateway: '192.168.1.1', addressing: 'static' } as const;
  const fields = ['memory', 'network', 'started'] as const;
  const elsewhere = live({
    ...{ status: 'stopped', network: { ...there, bridge: 'vmbr9' } },
    running: { memory: 4096, swap: 512, cores: 2 },
  });
  const wanted = insist({ parameters: { fields: [...fields] }, expectedState: observedOf(elsewhere, fields) });
  const guest = declared({ started: true });
  const network = { kind: 'change-guest', after: { network: 'as declared' } } as unknown as Step;

  it('is the change from what is live to what is declared: sizes, then Terraform’s, and the start last', () => {
    const asked: unknown[] = [];
    const steps = operationSteps(wanted, guest, elsewhere, now, (before) => (after, others) => {
      asked.push([before.network.bridge, after.network.bridge, others]);
      return [network];
    });
    expect(steps).toMatchObject([{ kind: 'resize-guest', after: { memory: 2048 } }, network, { kind: 'start-guest' }]);
    expect(asked).toEqual([['vmbr9', 'vmbr0', ['network']]]);
  });

  it('is refused without Terraform, by what it would change', () => {
    expect(operationSteps(wanted, guest, elsewhere, now)).toMatchObject({
      reason: 'unsupported-change',
      message: expect.stringContaining('changes network') as string,
    });
  });

  it('is stale once the network is another one, also where the sizes are as they were', () => {
    const since = { ...elsewhere, network: there };
    expect(operationSteps(wanted, guest, since, now)).toMatchObject({ reason: 'stale' });
    const back = asBefore(since, { network: 'vmbr9, 192.168.1.20/24 via 192.168.1.1' });
    expect(operationSteps(wanted, guest, back, now, () => () => [network])).toMatchObject([{}, network, {}]);
  });

  it('is written and read as the same, with no way back of its own', () => {
    const irreversible = { ...wanted, inverse: 'irreversible' as const };
    expect(readOperation(printOperation(irreversible), operationFile(wanted.id), now)).toMatchObject({
      ok: true,
      value: irreversible,
    });
  });
});
