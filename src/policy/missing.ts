import { parse } from 'yaml';
import type { Tree } from '../core/change-set.ts';
import type { Json } from '../core/json.ts';
import { type StepKind, stepKinds } from '../core/step.ts';
import { flow } from '../editors/yaml-print.ts';
import type { Policies } from './read.ts';

/** A file of rules that is proposed, and what its rules are about. */
export interface ProposedRules {
  file: string;
  text: string;
  rules: { name: string; kinds: StepKind[]; level: string }[];
}

/**
 * The kinds of steps that no rule names at all: whatever leads to one is refused (`no-rule`). One that is named anywhere,
 * for whatever target, was thought about. Changes of the rules and notes are decided without a rule of their own.
 */
export function missingKinds({ rules }: Pick<Policies, 'rules'>): StepKind[] {
  const named = new Set(rules.flatMap(({ when }) => when.step));
  return stepKinds.filter((kind) => kind !== 'change-rules' && kind !== 'take-note' && !named.has(kind));
}

/**
 * What the template's rules say of the kinds that no rule names yet, as one new file: no other rule is about them, so its
 * place among the files decides nothing. Where one person approves alone, a level of several would be out of reach.
 * `undefined` where nothing is missing.
 */
export function rulesForMissing(
  tree: Tree,
  policies: Pick<Policies, 'rules'>,
  { template, alone }: { template: Tree; alone: boolean },
): ProposedRules | undefined {
  const missing = missingKinds(policies);
  const taken = new Set(policies.rules.map(({ name }) => name));
  const fresh = [...template].flatMap(([path, text]) =>
    /^[^/]+\.ya?ml$/.test(path) ? narrowed(text, missing, taken, alone) : [],
  );
  if (fresh.length === 0) return undefined;
  const file = freeName(tree);
  const text = [
    `# ${file}          Kinds of steps that are newer than the other rules here, as gitmend's template decides them.`,
    'version: 1',
    'rules:',
    ...fresh.flatMap(linesOf),
    '',
  ].join('\n');
  return { file, text, rules: fresh.map(({ name, when, level }) => ({ name, kinds: when.step, level })) };
}

interface RawRule {
  name: string;
  when: { step: StepKind[]; [condition: string]: Json };
  level: string;
  [key: string]: unknown;
}

/** The template's rules about these kinds, each with a name of its own. */
function narrowed(text: string, missing: readonly StepKind[], taken: ReadonlySet<string>, alone: boolean): RawRule[] {
  const { rules } = parse(text) as { rules: (Omit<RawRule, 'when'> & { when: { step: StepKind | StepKind[] } })[] };
  return rules.flatMap(({ name, when, level, ...rest }): RawRule[] => {
    const step = [when.step].flat().filter((kind) => missing.includes(kind));
    if (step.length === 0) return [];
    const own = alone ? 'approve' : String(level);
    const called = alone ? String(name).replace(/ needs? two people$/, '') : String(name);
    return [
      { ...rest, name: taken.has(called) ? `${called}: newer steps` : called, when: { ...when, step }, level: own },
    ];
  });
}

function linesOf({ name, when, level, ...rest }: RawRule): string[] {
  const more = Object.entries(rest).map(([key, value]) => `    ${key}: ${flow(value as Json)}`);
  const plain = /^[A-Za-z][A-Za-z0-9 ]*$/.test(name) ? name : JSON.stringify(name);
  return [`  - name: ${plain}`, `    when: ${flow(when)}`, `    level: ${level}`, ...more];
}

function freeName(tree: Tree): string {
  const names = ['newer-steps', ...Array.from({ length: 98 }, (_, at) => `newer-steps-${at + 2}`)];
  return (
    names.map((name) => `policies/${name}.yaml`).find((file) => !tree.has(file)) ?? 'policies/newer-steps-100.yaml'
  );
}
