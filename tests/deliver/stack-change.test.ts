import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { GitmendError } from '../../src/core/errors.ts';
import type { Step } from '../../src/core/step.ts';
import { type Declared, readDeclared } from '../../src/deliver/declared.ts';
import { differenceOf } from '../../src/deliver/difference.ts';
import { decideFor } from '../../src/deliver/policy.ts';
import { stackPackages, stackPaths } from '../../src/deliver/stack-change.ts';
import { stackNotes, stackOutcomeOrWhy } from '../../src/deliver/stack-code.ts';
import { stackBasis } from '../../src/deliver/terraform.ts';
import { noTeams } from '../../src/policy/index.ts';
import { isRefusal } from '../../src/core/change-set.ts';
import { type StackCodePlan, stackStep } from '../../src/terraform/index.ts';
import { made, trusted } from '../terraform/examples.ts';
import { appliedAs, configYaml, guestYaml } from '../support/deliver-fakes.ts';

const guest = (tags: string, memory = 2048): string => guestYaml(memory, tags);

let commits = 0;
function commit(files: { [path: string]: string } = {}): Declared {
  const all = { 'guests/postgres.yaml': guest(''), 'stacks/main.ts': 'one', 'dns/zones.yaml': 'a: 1', ...files };
  return readDeclared(String((commits += 1)).padStart(40, '0'), new Map(Object.entries(all)));
}

const base = commit();
const changeOf = (after: Declared, { from = base, reviewed = base } = {}) => {
  const difference = differenceOf(from, after);
  return stackBasis(from, after, { difference, applied: appliedAs(base), operations: [], reviewed }).change;
};
const codeOf = (at: Declared | undefined) => at?.tree.get('stacks/main.ts');

describe('what is synthesized on both sides of a change of stack code', () => {
  it('is the code that was applied and the code that is merged, each with the guests as they were applied', () => {
    const pushed = commit({ 'guests/postgres.yaml': guest('', 8192), 'guests/new.yaml': guest('new') });
    const change = changeOf(commit({ 'stacks/main.ts': 'two', 'guests/postgres.yaml': guest('', 4096) }), {
      from: pushed,
    });
    expect([codeOf(change?.before.code), codeOf(change?.after.code)]).toEqual(['one', 'two']);
    for (const side of [change?.before, change?.after]) {
      const files = [...(side?.data.tree.keys() ?? [])].filter((path) => path.startsWith('guests/'));
      expect(files).toEqual(['guests/postgres.yaml']);
      expect(parse(side?.data.tree.get('guests/postgres.yaml') ?? '')).toMatchObject({
        memory: 2048,
        name: 'postgres',
      });
    }
  });

  it('is other data with the applied code on both sides, whatever was pushed to the default branch', () => {
    const pushed = commit({ 'stacks/main.ts': 'pushed' });
    const after = commit({ 'stacks/main.ts': 'pushed', 'dns/zones.yaml': 'a: 2' });
    const change = changeOf(after, { from: pushed });
    expect([change?.before.code, change?.after.code]).toEqual([base, base]);
    expect([change?.before, change?.after].map((side) => side?.data.tree.get('dns/zones.yaml'))).toEqual([
      'a: 1',
      'a: 2',
    ]);
  });

  it('is nothing where neither code nor data beside guests changes', () => {
    for (const files of [{ 'guests/postgres.yaml': guest('', 4096) }, { 'README.md': 'x' }, { 'dns/zone.txt': 'x' }])
      expect(changeOf(commit(files))).toBeUndefined();
  });

  it('is nothing where the packages change, which is refused with the mend', () => {
    const after = commit({ 'stacks/lib/package.json': '{}', 'stacks/main.ts': 'two' });
    expect(changeOf(after)).toBeUndefined();
    const [refused] = stackPackages(differenceOf(base, after));
    expect(refused).toMatchObject({
      reason: 'stack-packages',
      message: /^stacks\/lib\/package\.json would change/,
      next: /npm ci --ignore-scripts/,
    });
    expect(stackPackages(differenceOf(base, commit({ 'stacks/main.ts': 'two' })))).toEqual([]);
  });

  it('gives each content a name of its own, so that two are never taken for one', () => {
    const applied = appliedAs(commit({ 'guests/postgres.yaml': guest('x') }));
    const after = commit({ 'stacks/main.ts': 'two' });
    const names = [appliedAs(base), applied].map(
      (one) =>
        stackBasis(base, after, { difference: differenceOf(base, after), applied: one, operations: [], reviewed: base })
          .change?.after.data.commit,
    );
    expect(new Set(names).size).toBe(2);
  });

  it('is reached by YAML of every folder that stacks may read, and by code', () => {
    const after = commit({
      'stacks/main.ts': '2',
      'ansible/a.yaml': '',
      'compose/b.yml': '',
      'prometheus/c.yaml': '',
      'x/d.yaml': '',
    });
    expect(stackPaths(differenceOf(base, after))).toEqual([
      'ansible/a.yaml',
      'compose/b.yml',
      'prometheus/c.yaml',
      'stacks/main.ts',
    ]);
  });
});

describe('a stack whose code changes', () => {
  const after = commit({ 'stacks/main.ts': 'two' });
  const difference = differenceOf(base, after);
  const basis = stackBasis(base, after, { difference, applied: appliedAs(base), operations: [], reviewed: base });
  const address = 'proxmox_virtual_environment_container.postgres';
  const type = 'proxmox_virtual_environment_container';
  const values = { vm_id: 200, node_name: 'pve1', started: true, initialization: [{ hostname: 'postgres' }] };
  const planOf = (pools: string[]): StackCodePlan => {
    const change = { address, type, before: values, after: { ...values, pool_id: pools[0] ?? null } };
    const own = Object.values(appliedAs(base).targets)[0]?.declaration as never;
    return {
      state: 'planned',
      reach: { stack: 'guests', addresses: [address], removed: [], parts: [] },
      guests: [{ address, guest: own, live: undefined }],
      plan: trusted(made([change])),
    };
  };

  it('says what was planned of it, and what was not', () => {
    const whole = {
      ...planOf(['a']),
      reach: { stack: 'guests', addresses: ['a', 'b'], removed: [], parts: ['locals', 'provider'] },
    };
    const outcome = { plans: [whole as StackCodePlan], untouched: ['dns', 'web'], lines: [] };
    expect(stackNotes(difference, basis, outcome)).toEqual([
      'Stack code changes, and was run in a sandbox: stacks/main.ts',
      'Planned of stack guests: 2 addresses that this can reach, all that it has, because locals and provider of it changes',
      'Not planned, because nothing of it differs: dns and web',
    ]);
  });

  it('says where nothing is to be done, and that the stacks are the same', () => {
    const quiet = { ...planOf([]), plan: trusted(made([], { output_changes: { ip: { actions: ['update'] } } })) };
    expect(stackNotes(difference, basis, { plans: [quiet as StackCodePlan], untouched: [], lines: [] })).toContain(
      'Terraform plans no change there in stack guests; its outputs change with its next step (ip)',
    );
    expect(stackNotes(difference, basis, { plans: [], untouched: ['guests'], lines: [] })).toEqual([
      'Stack code changes, and the stacks are the same, byte for byte: stacks/main.ts',
    ]);
  });

  it.each(['SANDBOX_MISSING', 'TERRAFORM_LOCKED', 'SYNTH_FAILED'] as const)(
    'is refused by name with the mend of %s',
    async (code) => {
      const fails = () => Promise.reject(new GitmendError(code, 'the reason'));
      const terraform = () => ({ stacks: fails }) as never;
      const { plans } = await stackOutcomeOrWhy({ terraform }, basis);
      expect(plans).toMatchObject([
        {
          state: 'refused',
          refusal: { reason: code.toLowerCase().replace('_', '-'), message: 'the reason', next: /\w/ },
        },
      ]);
      const broken = () => ({ stacks: () => Promise.reject(new Error('a bug')) }) as never;
      await expect(stackOutcomeOrWhy({ terraform: broken }, basis)).rejects.toThrow('a bug');
    },
  );

  it('counts with the tags and what is carried of every guest that its step changes, on either side', () => {
    const policies = `version: 1
rules:
  - { name: critical, when: { step: change-stack, target: { tags: [critical] } }, level: approve-2 }
  - { name: usual, when: { step: change-stack }, level: approve }
`;
    const files = (tags: string) => ({
      'gitmend.yaml': configYaml,
      'policies/p.yaml': policies,
      'guests/postgres.yaml': guest(tags),
    });
    const steps = stackStep(planOf(['a'])) as Step[];
    const levelOf = (was: string, is: string): string => {
      const [one, two] = [commit(files(was)), commit(files(is))];
      const truth = { rules: one, head: one, applied: appliedAs(one), areas: new Map() };
      const decided = decideFor(truth, { steps, difference, after: two, pr: undefined, teams: noTeams, now: 0 });
      return isRefusal(decided) ? decided.message : decided.rule;
    };
    expect([levelOf('web', 'web'), levelOf('critical', 'web'), levelOf('web', 'critical')]).toEqual([
      'usual',
      'critical',
      'critical',
    ]);
  });

  it('lets nothing else through by a mild rule about one of its guests', () => {
    const policies = `version: 1
rules:
  - { name: toys, when: { step: change-stack, target: { tags: [toy] } }, level: notify }
  - { name: usual, when: { step: change-stack }, level: approve }
`;
    const one = commit({
      'gitmend.yaml': configYaml,
      'policies/p.yaml': policies,
      'guests/postgres.yaml': guest('toy'),
    });
    const truth = { rules: one, head: one, applied: appliedAs(one), areas: new Map() };
    const ruleOf = (steps: Step[]): string => {
      const decided = decideFor(truth, { steps, difference, after: one, pr: undefined, teams: noTeams, now: 0 });
      return isRefusal(decided) ? decided.message : decided.rule;
    };
    const steps = stackStep(planOf(['a'])) as Step[];
    expect(ruleOf(steps)).toBe('toys');
    expect(ruleOf(steps.map((step) => ({ ...step, after: { ...step.after, bridge: 'changed' } })))).toBe('usual');
  });
});
