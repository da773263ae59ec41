import { ulid } from 'ulid';
import type { ChangeSet, Refusal } from '../core/change-set.ts';
import { isoTime } from '../core/clock.ts';
import type { LiveGuest } from '../core/guest.ts';
import type { Target } from '../core/target.ts';
import { type DriftingField, isSizeField, observedOf } from '../declarations/guest/index.ts';
import { plannerOf } from '../planners/index.ts';
import type { Truth } from './truth.ts';
import type { World } from './world.ts';

/**
 * The operation that brings fields of a guest to what is declared, once: for exactly the live state that was seen, with
 * what is in force now as the way back. `undefined` where this version has no such remedy.
 */
export function applyDeclared(
  { clock }: Pick<World, 'clock'>,
  { head }: Truth,
  wanted: { target: Target; name: string; summary: string; fields: readonly DriftingField[]; live: LiveGuest },
): ChangeSet | Refusal | undefined {
  const { target, name, summary, fields, live } = wanted;
  const now = clock.now();
  const set = Object.fromEntries(
    fields.filter(isSizeField).flatMap((field) => {
      const value = live.running[field];
      return value === undefined ? [] : [[field, value]];
    }),
  );
  return plannerOf('apply-declared')?.changeSet(
    { target, name, summary, parameters: { fields: [...fields] } },
    head.tree,
    {
      id: ulid(now),
      expiresAt: isoTime(now + 7 * 86_400_000 - 60_000),
      expectedState: observedOf(live, fields),
      // Of what is no size the steps say themselves what takes them back.
      inverse: fields.every(isSizeField) ? { kind: 'set-guest-config', set } : 'irreversible',
    },
  );
}
