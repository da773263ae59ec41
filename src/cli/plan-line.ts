import type { PlanRecord } from '../core/plan.ts';
import type { NotShown, Shown } from '../deliver/show.ts';
import { printChange } from '../texts/words.ts';

/** What a planning pass made of one pull request, as a line: `#7 planned: postgres memory 2048 → 3072 MiB; dry run accepted`. */
export function shownLine(number: number, result: Shown | NotShown): string {
  if (result.state === 'waiting') return `#${number} waits: ${result.why}`;
  if (result.state === 'failed') return `#${number} could not be planned: ${result.code}: ${result.message}`;
  if (result.state === 'expired') return `#${number} expired and was closed`;
  return `#${number} ${planWords(result.record)}${result.fresh ? '' : ' (as shown before)'}`;
}

/** Why a person has to merge what policy leaves to gitmend, as a line. */
export function leftLine(number: number, why: string): string {
  return `#${number} is left to a person to merge: ${why}`;
}

/** `planned: postgres memory 2048 → 3072 MiB; dry run accepted`, or why it is refused. */
export function planWords({ refusals, steps, preview }: PlanRecord): string {
  const refused = refusals[0];
  if (refused !== undefined) return `refused (${refused.reason}): ${refused.message}`;
  if (steps.length === 0) return 'planned: no step';
  const words = steps.map(({ name, changes }) => {
    const each = changes.map(({ field, before, after, unit }) => printChange(field, before, after, unit));
    return `${name} ${each.join(', ')}`;
  });
  return `planned: ${words.join('; ')}; dry run ${preview.accepted ? 'accepted' : `refused: ${preview.notes.join(', ')}`}`;
}
