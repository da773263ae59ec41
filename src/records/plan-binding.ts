import { type Digest, short } from '../core/json.ts';
import type { PlanRecord } from '../core/plan.ts';
import { dayAndMinuteOf } from '../texts/words.ts';
import { escapeCode, escapeText } from './escape.ts';
import { approvalWords, countedWords } from './policy-words.ts';

/** What an approval binds, and everything that the plan hangs on. Never cut. */
export function binding(record: PlanRecord, digest: Digest): string {
  const { actions, expiresAt, policy, steps, refusals } = record;
  const until = `(digest ${escapeCode(actions)}), until ${dayAndMinuteOf(expiresAt)}.`;
  const bound =
    refusals.length > 0
      ? `Nothing is approved ${until}`
      : steps.length > 0
        ? `The actions above ${until}`
        : `No action ${until}`;
  // Where it is refused nobody can approve it, and where no rule is asked merging is all there is.
  const rule =
    policy.rule === '' || refusals.length > 0
      ? []
      : [`Policy *${escapeText(policy.rule, 80)}*: ${approvalWords(policy)}; counted: ${countedWords(policy)}.`];
  return [bound, ...rule, `Computed from, for the record: ${origins(record, digest).join(', ')}.`].join('\n\n');
}

/** Everything that a plan hangs on, so that two plans can be told apart and one can be computed again. */
function origins(record: PlanRecord, digest: Digest): string[] {
  const { head, base, mergeTree, rules, inForce, tools, steps, terraform = [], ansible = [] } = record;
  const observed = [...new Map(steps.map((step) => [step.target, step])).values()];
  return [
    `head ${escapeCode(head)}`,
    `base ${escapeCode(base)}`,
    `merge tree ${escapeCode(mergeTree)}`,
    `rules ${escapeCode(rules)}`,
    ...(inForce === undefined
      ? []
      : [`config digest ${escapeCode(inForce.config)}`, `policy version ${escapeCode(inForce.policies)}`]),
    ...observed
      .slice(0, 5)
      .map(({ name, preState }) => `${escapeText(name, 64)} as read ${escapeCode(short(preState))}`),
    ...(observed.length > 5 ? [`and ${observed.length - 5} more as read`] : []),
    `plan record ${escapeCode(digest)}`,
    ...[...new Set(terraform.map(({ plan }) => `${plan.program ?? 'terraform'} ${plan.terraformVersion}`))].map((one) =>
      escapeCode(one, 60),
    ),
    ...[...new Set(ansible.map(({ plan }) => plan.core))].map((version) => escapeCode(`ansible-core ${version}`, 60)),
    ...Object.entries(tools).map(([name, version]) => escapeCode(`${name} ${version}`, 60)),
  ];
}
