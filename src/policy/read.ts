import { inOrder, readYaml } from '../config/read-yaml.ts';
import type { YamlSource } from '../config/yaml-source.ts';
import type { Tree } from '../core/change-set.ts';
import type { Fault, Read } from '../core/fault.ts';
import { type Freeze, policyFile, type RuleInFile } from './schema.ts';

/** One rule, with the file that holds it: a refusal names both. */
export interface Rule extends RuleInFile {
  file: string;
}

/** Every policy of a commit, trusted. The rules stand in the order in which they are asked. */
export interface Policies {
  rules: Rule[];
  freezes: Freeze[];
  limits: {
    /** Σ memory caps of running guests ÷ memory of the node, at most. */
    overcommit: number;
    openPullRequests?: number;
    perHour?: number;
  };
}

/**
 * Reads policies/*.yaml of a tree: file by file in the order of their names, and in a file from top to bottom. Where
 * several files set a limit, the smallest holds. No rules at all is a warning, not a fault: then nothing is applied.
 */
export function readPolicies(tree: Tree): Read<Policies> {
  const paths = [...tree.keys()].filter((path) => /^policies\/[^/]+\.ya?ml$/.test(path)).sort();
  const faults: Fault[] = [...tree.keys()].filter(isMisplaced).map(misplaced);
  const rules: Rule[] = [];
  const freezes: Freeze[] = [];
  const limits: Partial<Policies['limits']>[] = [];
  const namedIn = new Map<string, string>();
  for (const file of paths) {
    const read = readYaml(tree.get(file) ?? '', file, policyFile, (source) => twiceNamed(source, namedIn));
    faults.push(...(read.ok ? read.warnings : read.faults));
    if (!read.ok) continue;
    rules.push(...read.value.rules.map((rule) => ({ ...rule, file })));
    freezes.push(...read.value.freezes);
    limits.push(read.value.limits);
  }
  if (faults.some(({ severity }) => severity === 'fault')) return { ok: false, faults: inOrder(faults) };
  const warnings = rules.length === 0 ? [...faults, noRules] : faults;
  return { ok: true, value: { rules, freezes, limits: smallest(limits) }, warnings };
}

function isMisplaced(path: string): boolean {
  return /^policies\/.+\/[^/]+\.ya?ml$/i.test(path);
}

function misplaced(file: string): Fault {
  const mend = `move it to policies/${file.replace(/^.*\//, '')}`;
  return {
    file,
    line: 0,
    column: 0,
    field: '',
    problem: 'is not read: rules are policies/<name>.yaml',
    mend,
    severity: 'fault',
  };
}

const noRules: Fault = {
  file: 'policies/',
  line: 0,
  column: 0,
  field: '',
  problem: 'holds no rule, so nothing will be applied',
  mend: 'take the default ones from the template',
  severity: 'warning',
};

/** A record and a comment name the rule that decided: the name must be that of one. */
function twiceNamed(source: YamlSource, namedIn: Map<string, string>): Fault[] {
  const { rules } = (source.value ?? {}) as { rules?: unknown };
  if (!Array.isArray(rules)) return [];
  return rules.flatMap((rule: unknown, at) => {
    const name = (rule as { name?: unknown } | null)?.name;
    if (typeof name !== 'string') return [];
    const first = namedIn.get(name);
    const here = `${source.file}:${source.line(['rules', at, 'name'])}`;
    if (first === undefined) namedIn.set(name, here);
    return first === undefined
      ? []
      : [
          source.fault(
            ['rules', at, 'name'],
            `is also the name of the rule at ${first}`,
            'give each rule its own name',
          ),
        ];
  });
}

function smallest(limits: Partial<Policies['limits']>[]): Policies['limits'] {
  const least = (values: (number | undefined)[]) => {
    const known = values.filter((value) => value !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  };
  const openPullRequests = least(limits.map((limit) => limit.openPullRequests));
  const perHour = least(limits.map((limit) => limit.perHour));
  return {
    overcommit: least(limits.map((limit) => limit.overcommit)) ?? 1,
    ...(openPullRequests === undefined ? {} : { openPullRequests }),
    ...(perHour === undefined ? {} : { perHour }),
  };
}
