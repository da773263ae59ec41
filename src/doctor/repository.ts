import { checkTree } from '../check/index.ts';
import { readConfig } from '../config/read.ts';
import type { Tree } from '../core/change-set.ts';
import type { Config } from '../core/config.ts';
import { printFault } from '../core/fault.ts';
import type { StepKind } from '../core/step.ts';
import { missingKinds, readPolicies } from '../policy/index.ts';
import { about, attempt, type Finding } from './finding.ts';
import type { Patient } from './patient.ts';

export interface Files {
  tree: Tree;
  /** Absent where gitmend.yaml cannot be trusted: then nothing that it names can be tried. */
  config?: Config;
  findings: Finding[];
}

/** The files of the repository: whether they can be trusted, and whether a policy admits anything at all. */
export async function examineRepository({ readTree }: Patient): Promise<Files> {
  let tree: Tree = new Map();
  const read = await attempt('repository', () => {
    tree = readTree();
    return Promise.resolve([]);
  });
  if (read.length > 0) return { tree, findings: read };
  const config = configOf(tree);
  return { tree, ...(config && { config }), findings: [filesFinding(tree), policyFinding(tree)] };
}

function configOf(tree: Tree): Config | undefined {
  const read = readConfig(tree.get('gitmend.yaml') ?? '');
  return read.ok ? read.value : undefined;
}

function filesFinding(tree: Tree): Finding {
  const { ok, warn, fault } = about('repository');
  const { faults, warnings } = checkTree(tree);
  const [first] = [...faults, ...warnings];
  if (first === undefined) return ok(`${tree.size} files, no fault`);
  const more = faults.length + warnings.length - 1;
  const words = `${printFault(first)}${more === 0 ? '' : ` (and ${more} more)`}`;
  const mend = '`gitmend check` lists every fault with its mend';
  return faults.length > 0 ? fault(words, mend) : warn(words, mend);
}

/** Only where Ansible runs, or stack code may change. */
const conditional: readonly StepKind[] = ['run-playbook', 'change-stack', 'destroy-resource'];

function policyFinding(tree: Tree): Finding {
  const { ok, warn, fault } = about('policies');
  const read = readPolicies(tree);
  const rules = read.ok ? read.value.rules.length : 0;
  const missing = read.ok ? missingKinds(read.value).filter((kind) => !conditional.includes(kind)) : [];
  if (rules > 0 && missing.length > 0)
    return warn(
      `${rules} rules, and none names ${missing.join(', ')}: what leads to that is refused`,
      'gitmend policies opens the pull request that adds what the template says of them',
    );
  if (rules > 0) return ok(`${rules} rules`);
  return fault('no policy can be read, so nothing is ever applied', 'add policies/ by a pull request');
}
