import type { Tree } from '../../src/core/change-set.ts';
import type { Step } from '../../src/core/step.ts';
import { type Policies, readPolicies, type TargetFacts } from '../../src/policy/index.ts';
import { resize, restarts } from '../records/examples.ts';

export { resize, restarts };

/** Policies of one file, which must have no fault. */
export function policies(yaml: string): Policies {
  const read = readPolicies(new Map([['policies/guests.yaml', `version: 1\n${yaml}`]]));
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  return read.value;
}

export function tree(files: { [path: string]: string }): Tree {
  return new Map(Object.entries(files));
}

/** What the examples of the design say. */
export const usual = policies(`
rules:
  - name: critical guests need two people
    when: { step: resize-guest, target: { tags: [critical] } }
    level: approve-2
  - name: guests
    when: { step: [resize-guest, restart-lxc] }
    level: approve
    expires: 24h
    cooldown: 30m
`);

export const postgres: TargetFacts = { cluster: 'home', name: 'postgres', tags: ['database'], carries: [] };

/** Both sides of a pull request declare the same. */
export function both(
  facts: TargetFacts,
  target = resize.target,
): ReadonlyMap<string, { base: TargetFacts; head: TargetFacts }> {
  return new Map([[target, { base: facts, head: facts }]]);
}

export const now = Date.parse('2026-11-20T03:34:00Z');

export function stepOf(changes: Partial<Step>): Step {
  return { ...resize, ...changes };
}
