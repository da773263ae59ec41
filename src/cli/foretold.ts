import type { PlanRecord } from '../core/plan.ts';
import { isFinal, type Step } from '../core/step.ts';
import { foretold } from '../deliver/foretold.ts';
import type { OwnPullRequest } from '../deliver/own-pull-request.ts';
import type { Truth } from '../deliver/truth.ts';
import type { World } from '../deliver/world.ts';
import { plainText } from '../records/escape.ts';
import { howWords } from '../records/plan-table.ts';
import { approvalWords } from '../records/policy-words.ts';
import { printChange, printValues } from '../texts/words.ts';
import type { CliContext } from './context.ts';
import { planWords } from './plan-line.ts';

/**
 * The plan that a pull request would have, before it is opened. `undefined` where it would be refused, or has to wait:
 * each reason was printed with what to do about it, but for those that the command said itself (`said`).
 */
export async function planAhead(
  context: Pick<CliContext, 'print'>,
  { world, truth }: { world: World; truth: Truth },
  wanted: OwnPullRequest,
  said: ReadonlySet<string> = new Set(),
): Promise<PlanRecord | undefined> {
  const print = (text: string) => context.print(plainText(text, 1000));
  const planned = await foretold(world, truth, wanted);
  if (planned?.state !== 'planned') {
    print(planned === undefined ? 'nothing to change: the files say so already' : `has to wait: ${planned.why}`);
    return undefined;
  }
  const { refusals, preview } = planned.record;
  for (const { reason, message, next } of refusals.filter((one) => !said.has(one.message))) {
    print(`would be refused (${reason}): ${message}`);
    if (next !== '') print(`  next: ${next}`);
  }
  if (refusals.length > 0) return undefined;
  if (!preview.accepted) print(`would be ${planWords(planned.record)}`);
  return preview.accepted ? planned.record : undefined;
}

/**
 * One line for each step as it would be done (`would be planned: postgres memory 2048 → 3072 MiB, live, Proxmox API`), what
 * the live system says of it, and what its approval asks of people.
 */
export function aheadLines({ steps, preview, policy, notes }: PlanRecord): string[] {
  const said = preview.notes.length === 0 ? '' : `: ${preview.notes.join(', ')}`;
  return [
    ...(steps.length === 0 ? ['would be planned: no step'] : steps.map((step) => `would be planned: ${wordsOf(step)}`)),
    ...(steps.length === 0 ? [] : [`dry run accepted${said}`]),
    ...notes.map((note) => `note: ${note}`),
    `asks for ${approvalWords(policy)}`,
  ];
}

/** `frigate reboot, so that memory 8192 MiB takes effect, it is down meanwhile, Proxmox API` */
function wordsOf(step: Step): string {
  const final = isFinal(step) ? '; cannot be undone' : '';
  return `${step.name} ${changesOf(step)}, ${howWords(step)}${final}`;
}

function changesOf({ action, changes }: Step): string {
  if (action.kind === 'reboot-guest') return `reboot, so that ${printValues(action.makes)} takes effect`;
  return changes.map(({ field, before, after, unit }) => printChange(field, before, after, unit)).join(', ');
}
