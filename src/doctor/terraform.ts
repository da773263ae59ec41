import type { Tree } from '../core/change-set.ts';
import type { ClusterConfig, Config, TerraformConfig } from '../core/config.ts';
import type { StepKind } from '../core/step.ts';
import { readPolicies } from '../policy/index.ts';
import { about, attempt, type Finding } from './finding.ts';
import type { Patient } from './patient.ts';
import { examineMirror } from './mirror.ts';
import { examineStacks } from './stacks.ts';
import { examineStateDoor } from './state-door.ts';

/** What `terraform:` names: program, cluster, rules, stacks with their state, and the mirror. Nothing where there is none. */
export async function examineTerraform(patient: Patient, config: Config, tree: Tree): Promise<Finding[]> {
  const { terraform: setting } = config;
  if (setting === undefined) return [];
  const program = await attempt('terraform', () => examineProgram(patient, setting));
  const stacks = await attempt('stacks', async () => {
    const made = await patient.terraform.stacks(config);
    if (!made.ok) {
      const mend = 'mend stacks/ by a pull request; node stacks/main.ts shows the same';
      return [about('stacks').fault(`the default branch gives no stack: ${made.message}`, mend)];
    }
    return [
      ...examineStacks(made.stacks, setting, config.runner),
      ...(await examineStateDoor(patient, made.stacks, setting)),
      ...(await examineMirror(patient.terraform, made.stacks, setting)),
    ];
  });
  const coded = setting.stackCode === 'sandbox' ? codeKinds : [];
  const sandbox = await attempt('sandbox', () => examineSandbox(patient, setting));
  return [
    ...program,
    ...sandbox,
    ...examineCluster(config.clusters),
    ...examineRules(tree, [...kinds, ...coded]),
    ...stacks,
  ];
}

async function examineProgram({ terraform }: Patient, { program }: TerraformConfig): Promise<Finding[]> {
  const version = await terraform.version(program);
  return [about('terraform').ok(`${program} ${version} is new enough`)];
}

/** Tried for real, where stack code of a pull request is to be run at all. With CI the job synth runs it, elsewhere perhaps. */
async function examineSandbox({ terraform }: Patient, { stackCode }: TerraformConfig): Promise<Finding[]> {
  if (stackCode !== 'sandbox') return [];
  return [about('sandbox').ok(`stack code of a pull request is locked in here by ${await terraform.sandbox()}`)];
}

/** The provider talks to one cluster, and trusts a CA only. */
function examineCluster(clusters: readonly ClusterConfig[]): Finding[] {
  const { fault } = about('terraform');
  const [cluster] = clusters;
  if (clusters.length > 1)
    return [
      fault(
        `gitmend.yaml names ${clusters.length} clusters, and stacks can be of one only`,
        'take terraform: out, or give each cluster a repository of its own',
      ),
    ];
  if (cluster === undefined || cluster.ca !== undefined) return [];
  const what = `cluster ${cluster.name} is known by a fingerprint, and the provider takes a CA only`;
  return [fault(what, 'copy /etc/pve/pve-root-ca.pem of a node into certs/ and name it with ca:')];
}

/** What Terraform alone does, or what only Terraform lets a stack do. */
const kinds: readonly StepKind[] = ['grow-disk', 'change-guest', 'create-guest', 'destroy-guest'];

/** What a change of stack code leads to, where that is planned. */
const codeKinds: readonly StepKind[] = ['change-stack', 'destroy-resource'];

function examineRules(tree: Tree, wanted: readonly StepKind[]): Finding[] {
  const { ok, warn } = about('terraform');
  const read = readPolicies(tree);
  // That no policy can be read was said already.
  if (!read.ok) return [];
  const ruled = new Set(read.value.rules.flatMap(({ when }) => when.step));
  const missing = wanted.filter((kind) => !ruled.has(kind));
  if (missing.length === 0) return [ok(`policies have a rule for ${wanted.join(', ')}`)];
  const what = `no rule of policies/ decides about ${missing.join(', ')}: a pull request that needs one is refused`;
  return [warn(what, 'add it to `step:` of a rule there, in a pull request of its own')];
}
