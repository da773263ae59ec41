import { z } from 'zod';
import type { TaskChange } from '../core/ansible.ts';
import type { FactName } from '../core/fact.ts';
import type { Read } from '../core/fault.ts';
import { canonical, type Digest, digestOf } from '../core/json.ts';
import type { PlanRecord } from '../core/plan.ts';
import { actionsDigest, type Step, stepKinds } from '../core/step.ts';
import { reachedBy } from '../ansible/addresses.ts';
import { boundBy } from '../ansible/playbook-step.ts';
import { actionsOf } from '../terraform/judge.ts';
import { ansiblePlan, reached } from './ansible-plan.ts';
import { terraformPlan } from './terraform-plan.ts';
import { asFaults, count, digest, json, readJson, signalReference, time, values } from './schemas.ts';

/** Canonical JSON (RFC 8785), as it is stored: equal plans are equal texts. */
export function printPlanRecord(record: PlanRecord): string {
  return canonical(record);
}

/** The digest of a plan record: what its comment and the run's record name. */
export function recordDigest(record: PlanRecord): Digest {
  return digestOf(record);
}

/**
 * Reads a plan record back, every fault at once. It must be exactly what would be printed, and its actions digest that
 * of its steps. A plan record is a witness: the caller still compares it with steps that it computed itself.
 */
export function parsePlanRecord(text: string): Read<PlanRecord> {
  const read = readJson(text, planRecord);
  if ('problems' in read) return asFaults('plan record', read.problems);
  const record = read.value;
  const problems = [
    ...(record.actions === actionsDigest(record.steps) ? [] : ['actions: is not the digest of the steps']),
    ...terraformFaults(record),
    ...ansibleFaults(record),
    ...(printPlanRecord(record) === text.trimEnd() ? [] : ['is not in canonical form']),
  ];
  return problems.length === 0 ? { ok: true, value: record, warnings: [] } : asFaults('plan record', problems);
}

/** What is shown of Terraform is what its steps bind: a plan beside them that says something else is no witness. */
function terraformFaults({ steps, terraform = [] }: PlanRecord): string[] {
  return steps.flatMap(({ action, target }) => {
    if (action.kind !== 'apply-terraform') return [];
    const shown = terraform.find((one) => one.target === target && one.stack === action.stack);
    if (shown === undefined) return [`terraform: shows nothing of ${target}`];
    return actionsOf(shown.plan) === action.plan
      ? []
      : [`terraform: what it shows of ${target} is not what its step binds`];
  });
}

/** The same of Ansible: what is shown of its hosts, and what that stands on. */
function ansibleFaults({ steps, ansible = [] }: PlanRecord): string[] {
  return steps.flatMap(({ action, target }) => {
    if (action.kind !== 'run-playbook') return [];
    const shown = ansible.find((one) => one.target === target && one.plan.playbook === action.playbook)?.plan;
    if (shown === undefined) return [`ansible: shows nothing of ${target}`];
    const whole = shown.hosts.every(({ changes }) => changes.every(isWhole));
    const where = canonical(reachedBy(shown.hosts.filter(({ host }) => action.hosts.includes(host))));
    const same = boundBy(shown, action.hosts) === action.plan && shown.stale === action.stale;
    return whole && same && where === canonical(action.reached ?? {})
      ? []
      : [`ansible: what it shows of ${target} is not what its step binds`];
  });
}

/** A line of so many letters may have been cut. */
const longestDiffLine = 400;

/** A difference is bound by its digest; where nothing of it was cut, that can be held against it. */
function isWhole({ diff, cut, digest: of }: TaskChange): boolean {
  return cut > 0 || diff.some((line) => line.length >= longestDiffLine) || digestOf(diff) === of;
}

const numbers = z.record(z.string(), z.number());
const guestAction = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('set-guest-config'), set: numbers }),
  z.strictObject({ kind: z.literal('reboot-guest'), makes: numbers }),
]);
const terraformAction = z.strictObject({
  kind: z.literal('apply-terraform'),
  stack: z.string(),
  addresses: z.array(z.string()),
  plan: digest,
  touches: z
    .strictObject({ guests: z.array(z.string()), restarts: z.array(z.string()), destroys: z.array(z.string()) })
    .exactOptional(),
});

const destroyAction = z.strictObject({ kind: z.literal('destroy-guest'), backup: z.string(), config: z.string() });

const cloneAction = z.strictObject({
  kind: z.literal('clone-guest'),
  ...{ from: count, node: z.string(), config: z.string(), to: z.string() },
  disk: z.strictObject({ storage: z.string(), size: z.number() }),
  set: z.strictObject({ cores: count, memory: count, swap: count.exactOptional() }),
  tags: z.array(z.string()).exactOptional(),
  protection: z.boolean().exactOptional(),
  start: z.boolean(),
});

const lifeAction = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('start-guest') }),
  z.strictObject({ kind: z.literal('stop-guest'), timeout: count, makes: numbers.exactOptional() }),
  z.strictObject({ kind: z.literal('tag-guest'), tags: z.array(z.string()) }),
  z.strictObject({ kind: z.literal('protect-guest'), protection: z.boolean() }),
  z.strictObject({
    kind: z.literal('migrate-guest'),
    ...{ from: z.string(), to: z.string(), how: z.enum(['online', 'restart', 'offline']) },
  }),
  z.strictObject({
    kind: z.literal('move-disk'),
    ...{ from: z.string(), to: z.string() },
  }),
]);

const playbookAction = z.strictObject({
  kind: z.literal('run-playbook'),
  playbook: z.string(),
  hosts: z.array(z.string()),
  reached: z.record(z.string(), reached).exactOptional(),
  plan: digest,
  stale: digest,
});

const step: z.ZodType<Step> = z.strictObject({
  applier: z.string(),
  target: z.string(),
  name: z.string(),
  where: z.string(),
  kind: z.enum(stepKinds),
  action: z.discriminatedUnion('kind', [
    ...guestAction.options,
    ...lifeAction.options,
    terraformAction,
    destroyAction,
    cloneAction,
    playbookAction,
  ]),
  preState: digest,
  before: values,
  after: values,
  changes: z.array(z.strictObject({ field: z.string(), before: json, after: json, unit: z.string() })),
  inverse: z.union([z.literal('irreversible'), guestAction, lifeAction]),
  live: z.boolean(),
  reboots: z.boolean(),
  destroys: z.boolean(),
  mayRest: z.literal(true).exactOptional(),
});

// What facts there are is known at compile time only; a name that no source gives is never looked for.
const factName = z.custom<FactName>((value) => typeof value === 'string' && /^[a-zA-Z0-9.]{1,80}$/.test(value));

const planRecord: z.ZodType<PlanRecord> = z.strictObject({
  version: z.literal(1),
  pullRequest: count,
  head: z.string(),
  base: z.string(),
  mergeTree: z.string(),
  rules: z.string(),
  inForce: z.strictObject({ config: digest, policies: digest }).exactOptional(),
  remedy: z.string(),
  fingerprint: z.string(),
  steps: z.array(step),
  actions: digest,
  refusals: z.array(
    z.strictObject({ refused: z.literal(true), reason: z.string(), message: z.string(), next: z.string() }),
  ),
  policy: z.strictObject({
    level: z.string(),
    rule: z.string(),
    needs: count,
    eligible: z.array(z.string()),
    notCounted: z.array(z.string()).exactOptional(),
    personMerges: z.enum(['ci', 'choice', 'not-own']).exactOptional(),
    expiresAfter: z.number(),
  }),
  preview: z.strictObject({ accepted: z.boolean(), notes: z.array(z.string()) }),
  previewedAt: time,
  synthesized: z.array(z.string()),
  terraform: z.array(z.strictObject({ target: z.string(), stack: z.string(), plan: terraformPlan })).exactOptional(),
  ansible: z.array(z.strictObject({ target: z.string(), plan: ansiblePlan })).exactOptional(),
  notes: z.array(z.string()),
  operations: z.array(z.string()),
  verification: z.strictObject({
    window: z.number().min(0),
    watch: z.number().min(0),
    predicate: z.string(),
    words: z.string(),
    answered: z.array(factName).exactOptional(),
    before: values.exactOptional(),
    notObserved: z.array(z.string()).exactOptional(),
    signal: signalReference.exactOptional(),
    alert: z.literal('not-asked').exactOptional(),
  }),
  shownAt: time,
  expiresAt: time,
  tools: z.record(z.string(), z.string()),
});
