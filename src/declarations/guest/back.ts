import type { DeclaredGuest } from '../../core/declared-guest.ts';
import type { Json } from '../../core/json.ts';
import { isSizeField } from './fields.ts';
import { isLifeField } from './life.ts';
import { movesDisk } from './move-disk.ts';

/** One value of a guest's file. */
export interface FileValue {
  path: string[];
  value: Json;
}

/**
 * What a guest's file must say of a field again to be as it was before a change that was applied. What was not managed
 * before is declared as the opposite of what was applied: taking the line away would leave it as it is. Nothing for fields
 * that are not taken back by themselves.
 */
export function backTo(field: string, was: DeclaredGuest, is: DeclaredGuest): FileValue[] {
  if (isSizeField(field)) return was[field] === undefined ? [] : [{ path: [field], value: was[field] }];
  if (field === 'disk' && movesDisk(was, is)) return [{ path: ['disk', 'storage'], value: was.disk.storage }];
  if (!isLifeField(field) || is[field] === undefined) return [];
  return [{ path: [field], value: field === 'tags' || field === 'node' ? was[field] : (was[field] ?? !is[field]) }];
}

/** The file's words for a value that a step had before: `status: running` is `started: true`. */
export function fileValue(field: string, value: Json): { field: string; value: Json } {
  return field === 'status' ? { field: 'started', value: value === 'running' } : { field, value };
}
