import type { GuestSize } from '../../core/guest.ts';
import { type Json, sameValue } from '../../core/json.ts';
import type { Step } from '../../core/step.ts';
import { GitmendError } from '../../core/errors.ts';
import { printValues } from '../../texts/words.ts';

export type Values = { readonly [field: string]: Json };

/** One field of a guest's size, by the name that PVE and the declaration share. */
export function sizeField(size: GuestSize, field: string): number | undefined {
  return field === 'cores' || field === 'memory' || field === 'swap' ? size[field] : undefined;
}

/** The fields that an action is about, with the value it leaves. */
export function aimedAt({ action }: Step): { [field: string]: number } {
  if (action.kind === 'set-guest-config') return action.set;
  if (action.kind === 'reboot-guest') return action.makes;
  throw new GitmendError('INTERNAL', `a step ${action.kind} aims at no size of a guest`);
}

/** Whether every field has the wanted value. */
export function allAre(fields: readonly string[], value: (field: string) => Json | undefined, wanted: Values): boolean {
  return fields.every((field) => sameValue(value(field), wanted[field]));
}

/** `3072 MiB`, `4`; `none` where PVE has no value. */
export function printField(field: string, value: Json | undefined): string {
  return value === undefined || value === null ? 'none' : printValues({ [field]: value }).slice(field.length + 1);
}
