import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { acceptance, exposureOf, judgeExposure, type Told } from '../../src/ci/exposure.ts';
import { readConfig } from '../../src/config/read.ts';
import type { Exposure } from '../../src/forges/forge.ts';

const approvers = ['ana', 'Ben'];
const rules = { approvers };
const own = ['gitea-actions', 'gitmend', undefined];
const told = (pushers: string[] | undefined, bound: boolean | undefined = false, guarded?: boolean): Told => ({
  ...{ pushers, bound },
  ...(guarded === undefined ? {} : { guarded }),
});

describe('whether a write credential may lie in CI', () => {
  it.each<[string, Told | undefined]>([
    ['the secret is bound to a default branch that demands an approval', told(['ana', 'mallory'], true, true)],
    ['the secret is bound so, and who may push is not told', told(undefined, true, true)],
    ['the secret is bound to an open default branch, and only approvers may push', told(['ana', 'ben'], true, false)],
    ['everyone who may push is an approver', told(['ana', 'ben'])],
    ['only approvers and gitmend itself may push', told(['ANA', 'gitmend'])],
    ['nobody but the owner may push', told(['ana'])],
  ])('is yes where %s', (_title, exposure) => {
    expect(judgeExposure(exposure, { approvers }, own)).toMatchObject({ ok: true });
  });

  it.each<[string, Told | undefined, string]>([
    [
      'the secret is bound to a default branch that takes a push of one who approves nothing',
      told(['ana', 'mallory'], true, false),
      'the environment gitmend is bound to the default branch, and that takes a push without an approval; mallory can push',
    ],
    [
      'it is bound, and nothing is told of the branch',
      told(undefined, true),
      'that takes a push without an approval; the',
    ],
    [
      'one may push who approves nothing',
      told(['ana', 'mallory']),
      'mallory can push a workflow that reads the write secret, and is no approver',
    ],
    ['several may', told(['m1', 'm2']), 'm1, m2 can push a workflow that reads the write secret, and are no approvers'],
    ['the forge does not say who may push', told(undefined), 'the forge does not tell this account'],
    ['the forge tells of nobody who may push', told([]), 'the forge does not tell this account'],
    ['the forge has no answer at all', undefined, 'the forge does not tell this account'],
    ['whether it is bound is not known, and one may push too many', told(['mallory'], undefined), 'mallory can push'],
  ])('is no where %s', (_title, exposure, why) => {
    const verdict = judgeExposure(exposure, { approvers }, own);
    expect(verdict.ok).toBe(false);
    expect(verdict.why).toContain(why);
  });

  it('is yes where the owner accepts it by name, and says so', () => {
    const accepts = ['pushers-can-read-write-secret' as const];
    for (const exposure of [undefined, told(undefined), told(['mallory'])])
      expect(judgeExposure(exposure, { approvers, accepts }, own)).toEqual({
        ok: true,
        why: 'gitmend.yaml accepts it: pushers-can-read-write-secret',
      });
  });

  it('asks what the default branch demands only where a secret is bound to it, and counts approvals alone', async () => {
    const asked: boolean[] = [];
    const people = { self: 'gitmend', inTeam: async () => undefined };
    const forge = (exposure: Exposure, requiredApprovals?: number) => ({
      ...people,
      ci: { dispatch: async () => undefined, ended: async () => undefined, exposure: async () => exposure },
      ...(requiredApprovals === undefined
        ? {}
        : { protection: async () => (asked.push(true), { requiredStatuses: ['gitmend/plan'], requiredApprovals }) }),
    });
    const bound = { pushers: ['mallory'], bound: true };
    expect(await exposureOf(forge({ ...bound, bound: false }, 1), rules)).toEqual({ ...bound, bound: false });
    expect(asked).toEqual([]);
    expect(await exposureOf(forge(bound, 1), rules)).toEqual({ ...bound, guarded: true });
    expect(await exposureOf(forge(bound, 0), rules)).toEqual({ ...bound, guarded: false });
    expect(await exposureOf(forge(bound), rules)).toEqual({ ...bound, guarded: false });
    expect(await exposureOf(people, rules)).toBeUndefined();
  });

  it('counts who may push and is an approver by a team, where the forge tells of it', async () => {
    const config = { approvers: ['ana', 'team:ops/admins'] };
    const exposed = async (pushers: string[], inTeam: (team: string, account: string) => boolean | undefined) => {
      const ci = { dispatch: async () => undefined, ended: async () => undefined };
      const exposure = async () => ({ pushers, bound: false });
      const forge = { self: 'gitmend', inTeam: async (team: string, account: string) => inTeam(team, account) };
      return judgeExposure(await exposureOf({ ...forge, ci: { ...ci, exposure } }, config), config, own);
    };
    const admins = (team: string, account: string) => team === 'ops/admins' && account === 'cid';
    expect(await exposed(['ana', 'Cid', 'gitmend'], admins)).toEqual({
      ok: true,
      why: 'everyone who can push may also merge',
    });
    expect(await exposed(['ana', 'cid', 'mallory'], admins)).toMatchObject({
      ok: false,
      why: 'mallory can push a workflow that reads the write secret, and is no approver in gitmend.yaml',
    });
    expect(await exposed(['ana', 'cid'], () => undefined)).toMatchObject({
      ok: false,
      why: 'cid can push a workflow that reads the write secret, and is no approver in gitmend.yaml; the forge does not tell gitmend who is in ops/admins',
    });
  });

  it('counts as few names as a line holds', () => {
    const many = Array.from({ length: 9 }, (_, at) => `m${at}`);
    expect(judgeExposure(told(many), { approvers }, own).why).toContain('m0, m1, m2, m3, m4 and 4 more');
  });
});

it('is accepted in gitmend.yaml by that word and by no other', () => {
  const template = readFileSync(join(import.meta.dirname, '../../infra/gitmend.yaml'), 'utf8');
  expect(readConfig(`${template}accepts: [${acceptance}]\n`)).toMatchObject({
    ok: true,
    value: { accepts: [acceptance] },
  });
  for (const word of ['true', '[yes]', '[everything]', acceptance])
    expect(readConfig(`${template}accepts: ${word}\n`).ok, word).toBe(false);
});
