import { describe, expect, it } from 'vitest';
import { isRefusal } from '../../../src/core/change-set.ts';
import { readOperation } from '../../../src/declarations/operation/index.ts';
import { applyDeclared } from '../../../src/planners/apply-declared/index.ts';
import type { OperationContext } from '../../../src/planners/index.ts';
import { sha } from '../../records/examples.ts';
import { tree } from '../guests.ts';

const id = '01KAFZ6M800000000000000000';
const context: OperationContext = {
  id,
  expiresAt: '2025-11-23T00:00:00Z',
  expectedState: sha('c'),
  inverse: { kind: 'set-guest-config', set: { memory: 4096 } },
};
const propose = (
  on = tree(),
  given: OperationContext | undefined = context,
  parameters: unknown = { fields: ['memory', 'memory', 'cores'] },
) =>
  applyDeclared.changeSet(
    {
      target: 'home/lxc/200',
      name: 'postgres',
      summary: 'memory is 4096 MiB on pve1',
      parameters: parameters as never,
    },
    on,
    given,
  );
const reason = (answer: ReturnType<typeof propose>) => (isRefusal(answer) ? answer.reason : answer);

describe('the change set of apply-declared', () => {
  it('adds one operation file that reads back as the request', () => {
    const changes = propose();
    if (isRefusal(changes)) throw new Error(changes.message);
    expect(changes.title).toBe('postgres: apply memory 2048 MiB, cores 2 as declared');
    expect(changes.commitMessage).toBe('operations: apply what guests/postgres declares (memory 2048 MiB, cores 2)');
    expect([...changes.edits.keys()]).toEqual([`operations/${id}.yaml`]);
    const read = readOperation(changes.edits.get(`operations/${id}.yaml`) ?? '', `operations/${id}.yaml`);
    expect(read).toMatchObject({
      ok: true,
      value: {
        id,
        remedy: 'apply-declared',
        target: 'home/lxc/200',
        parameters: { fields: ['memory', 'cores'] },
        reason: 'memory is 4096 MiB on pve1',
        inverse: context.inverse,
      },
    });
  });

  it('keeps the evidence that it is given', () => {
    const changes = propose(tree(), { ...context, evidence: ['memory 4096 MiB at 03:41Z'] });
    expect(!isRefusal(changes) && [...changes.edits.values()][0]).toContain('memory 4096 MiB at 03:41Z');
  });

  it('refuses what it cannot pin, has been given before, or was not told', () => {
    expect(reason(propose(new Map()))).toBe('target-undeclared');
    expect(reason(propose(tree({ [`operations/${id}.yaml`]: '' })))).toBe('operation-used');
    expect(reason(propose(tree(), context, { fields: [] }))).toBe('parameters-invalid');
    expect(
      reason(
        applyDeclared.changeSet(
          { target: 'home/lxc/200', name: 'postgres', summary: '', parameters: { fields: ['memory'] } },
          tree(),
        ),
      ),
    ).toBe('parameters-invalid');
  });
});
