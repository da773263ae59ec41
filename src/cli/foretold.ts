import type { PlanRecord } from '../core/plan.ts';
import { foretold } from '../deliver/foretold.ts';
import type { OwnPullRequest } from '../deliver/own-pull-request.ts';
import type { Truth } from '../deliver/truth.ts';
import type { World } from '../deliver/world.ts';
import { plainText } from '../records/escape.ts';
import { approvalWords } from '../records/policy-words.ts';
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

/** `would be planned: …` and what its approval asks of people. */
export function aheadLines(record: PlanRecord): string[] {
  return [`would be ${planWords(record)}`, `asks for ${approvalWords(record.policy)}`];
}
