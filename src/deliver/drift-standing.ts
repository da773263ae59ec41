import { sameValue } from '../core/json.ts';
import { readDrifts, type SeenDrift, type SeenDrifts } from '../ledger/drift.ts';
import { driftLine } from '../records/drift.ts';
import { plainText } from '../records/escape.ts';
import { dayAndMinuteOf } from '../texts/words.ts';
import { valueAt } from '../declarations/guest/index.ts';
import { driftRules, settledAt } from './drift.ts';
import { leftBecause } from './drift-look.ts';
import type { Truth } from './truth.ts';
import type { Ground } from './world.ts';

/** What the last look found that has been so for long enough, and is still what is declared. Nothing live is read for it. */
export async function standingDrifts(
  { repo, clock }: Pick<Ground, 'repo' | 'clock'>,
  truth: Truth,
): Promise<SeenDrifts> {
  const rules = driftRules(truth.rules.config);
  if (rules === undefined) return {};
  const settled = (one: { since: string } | undefined) => one !== undefined && settledAt(one, rules) <= clock.now();
  const { seen } = await readDrifts(repo);
  const found = Object.entries(seen).flatMap(([target, { values, gone, beyond, ...about }]): [string, SeenDrift][] => {
    const guest = truth.head.guests.get(target);
    if (guest === undefined || leftBecause(truth, target, guest) !== undefined) return [];
    const declared = Object.entries(values?.declared ?? {});
    const current = declared.every(([field, value]) => sameValue(valueAt(guest, field), value));
    const standing = {
      ...(values !== undefined && current && settled(values) ? { values } : {}),
      ...(gone !== undefined && settled(gone) ? { gone } : {}),
      ...(beyond !== undefined && settled(beyond) ? { beyond } : {}),
    };
    return Object.keys(standing).length === 0 ? [] : [[target, { ...about, ...standing }]];
  });
  return Object.fromEntries(found);
}

/** The same as lines of `gitmend status`. */
export function driftLines(drifts: SeenDrifts): string[] {
  return Object.values(drifts).flatMap(({ name, where, values, gone, beyond }) => {
    const { declared = {}, live = {}, since = '', waits = [] } = values ?? {};
    const fields = Object.entries(live).map(([field, value]) => {
      const wanted = Object.entries(declared).find(([other]) => other === field)?.[1] ?? null;
      return { field, live: value, declared: wanted, pending: waits.some((one) => one === field) };
    });
    const line = (what: string, from: string) =>
      plainText(`drift       ${name} (${where})${what}, since ${dayAndMinuteOf(from)}`, 600);
    return [
      ...(fields.length === 0 ? [] : [line(`: ${driftLine(fields)}`, since)]),
      ...(gone === undefined ? [] : [line(' is not there any more', gone.since)]),
      ...(beyond?.what ?? []).map((what) => line(` ${what}`, beyond?.since ?? '')),
    ];
  });
}
