import { type DeclaredGuest, type GuestField, guestFields } from '../../core/declared-guest.ts';
import type { LiveGuest } from '../../core/guest.ts';
import { sameValue } from '../../core/json.ts';

/** The fields that Proxmox VE takes through its API in this project: they make a guest's size. */
export const sizeFields = ['memory', 'swap', 'cores'] as const;
export type SizeField = (typeof sizeFields)[number];

export const unitOf: { readonly [F in SizeField]: string } = { memory: 'MiB', swap: 'MiB', cores: '' };

/** The group of a field: what one remedy changes, and what a fingerprint tells apart. Memory and cores are two. */
export function groupOf(field: GuestField): string {
  return field;
}

export function isSizeField(field: string): field is SizeField {
  return (sizeFields as readonly string[]).includes(field);
}

/** The fields in which two declarations of one guest differ, in the order of the file. */
export function changedFields(a: DeclaredGuest, b: DeclaredGuest): GuestField[] {
  return guestFields.filter((field) => !sameValue(a[field], b[field]));
}

/**
 * `base` with these fields as `from` declares them: what was applied, and one more change on top. Without a base it is
 * `from` itself. A field that `from` does not declare is left out of the result.
 */
export function overlay(
  base: DeclaredGuest | undefined,
  fields: readonly GuestField[],
  from: DeclaredGuest,
): DeclaredGuest {
  if (base === undefined) return from;
  const taken = fields.filter((field) => from[field] !== undefined).map((field) => [field, from[field]]);
  const kept = Object.entries(base).filter(([field]) => !(fields as readonly string[]).includes(field));
  const result: unknown = { ...Object.fromEntries(kept), ...Object.fromEntries(taken), file: from.file };
  return result as DeclaredGuest;
}

/**
 * Whether a guest is live as its file says it: its size, and what else is declared of its life. Where its disk, node and
 * network are is not asked: at the adoption drift says it, and an edit of them asks `isSaid`.
 */
export function isLiveAs(declared: DeclaredGuest, live: LiveGuest): boolean {
  const life = ['started', 'protection'] as const;
  return liveMatches(declared, live).length === 0 && life.every((field) => isLifeAs(declared, live, field));
}

/** Whether one of these is so; what is not declared always is. */
export function isLifeAs(declared: DeclaredGuest, live: LiveGuest, field: 'started' | 'protection'): boolean {
  const now = { started: live.status === 'running', protection: live.protected === true };
  return declared[field] === undefined || declared[field] === now[field];
}

/** One value that is live otherwise than declared. `live` is absent where Proxmox VE has no such value. */
export interface Mismatch {
  field: SizeField;
  declared: number;
  live: number | undefined;
}

/** What is live otherwise than declared among memory, swap and cores. Undeclared fields are nobody's. */
export function liveMatches(declared: DeclaredGuest, live: LiveGuest): Mismatch[] {
  return sizeFields.flatMap((field) => {
    const wanted = declared[field];
    return wanted === undefined || wanted === live.running[field]
      ? []
      : [{ field, declared: wanted, live: live.running[field] }];
  });
}
