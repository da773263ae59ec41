import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { acceptance, judgeExposure } from '../../src/ci/exposure.ts';
import { readConfig } from '../../src/config/read.ts';
import type { Exposure } from '../../src/forges/forge.ts';

const approvers = ['ana', 'Ben'];
const own = ['gitea-actions', 'gitmend', undefined];
const told = (pushers: string[] | undefined, bound: boolean | undefined = false): Exposure => ({ pushers, bound });

describe('whether a write credential may lie in CI', () => {
  it.each<[string, Exposure | undefined]>([
    ['the secret is bound to the default branch, whoever may push', told(['ana', 'mallory'], true)],
    ['the secret is bound, and who may push is not told', told(undefined, true)],
    ['everyone who may push is an approver', told(['ana', 'ben'])],
    ['only approvers and gitmend itself may push', told(['ANA', 'gitmend'])],
    ['nobody but the owner may push', told(['ana'])],
  ])('is yes where %s', (_title, exposure) => {
    expect(judgeExposure(exposure, { approvers }, own)).toMatchObject({ ok: true });
  });

  it.each<[string, Exposure | undefined, string]>([
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
