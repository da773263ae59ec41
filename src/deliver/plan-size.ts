import { refusal } from '../core/change-set.ts';
import { canonical } from '../core/json.ts';
import type { PlanRecord } from '../core/plan.ts';
import { actionsDigest } from '../core/step.ts';
import { largestPlan } from '../git/history.ts';

/**
 * A record as it is read back: what is printed from it now and by the runner is the same to the last letter. One that git
 * would not give back (more bytes than `most`) is refused in its place, without what made it so large, which nobody could
 * have read: written whole, it would be no plan, no merge would be approved by it, and each look would write it anew.
 */
export function asStored(record: PlanRecord, most = largestPlan): PlanRecord {
  const text = canonical(record);
  const bytes = Buffer.byteLength(text);
  return bytes <= most ? (JSON.parse(text) as PlanRecord) : tooLarge(record, bytes, most);
}

/** The lines of the stacks alone, where that is enough; else whatever is a list of what would happen. */
function tooLarge(record: PlanRecord, bytes: number, most: number): PlanRecord {
  const message = `the plan has ${mebibytes(bytes)} MiB (${record.synthesized.length} lines of the stacks), and at most ${most / 2 ** 20} MiB are read back from git`;
  const next =
    'make it several pull requests of fewer stacks each; gitmend synth writes the stacks of a clone, to compare';
  const refusals = [...record.refusals, refusal('plan-too-large', message, next)];
  const refused = { refusals, preview: { accepted: false, notes: [] }, synthesized: [] };
  const rest = { ...record };
  delete rest.terraform;
  delete rest.ansible;
  const small = [
    { ...record, ...refused },
    { ...rest, ...refused, steps: [], actions: actionsDigest([]) },
  ].map(canonical);
  const text = small.find((one) => Buffer.byteLength(one) <= most) ?? small.at(-1) ?? '';
  return JSON.parse(text) as PlanRecord;
}

/** One decimal, upwards: what is a byte too many is not shown as what would do. */
function mebibytes(bytes: number): string {
  return (Math.ceil((bytes / 2 ** 20) * 10) / 10).toFixed(1);
}
