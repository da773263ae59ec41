import { z } from 'zod';
import { jsonIn } from '../../core/json.ts';

/** What of a state decides whether it may take the place of another. */
export interface StateDocument {
  /** Counts the writes of one state. */
  serial: number;
  /** Drawn once when a state is begun, and the same for all of its versions. */
  lineage: string;
}

/** What Terraform says of whoever holds a lock (statemgr.LockInfo), as far as it is read here. */
export interface LockInfo {
  /** Drawn by the holder; what is written under the lock names it. */
  id: string;
  /** `root@runner` */
  who: string;
  /** `OperationTypeApply` */
  operation: string;
}

export type ReadOf<T> = { ok: true; value: T } | { ok: false; why: string };

/** Letters of a name that a stack may have; `layOutStack` takes no others. */
export const stackName = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

const documentShape = z.object({
  version: z.literal(4),
  terraform_version: z.string(),
  serial: z.int().min(0),
  lineage: z.string().min(1).max(200),
  outputs: z.record(z.string(), z.unknown()).optional(),
  resources: z.array(z.unknown()).nullish(),
});

const lockShape = z.object({
  ID: z.string().regex(/^[\x21-\x7e]{1,128}$/),
  Who: z.string().max(400).default(''),
  Operation: z.string().max(200).default(''),
});

/** A state of version 4, which Terraform and OpenTofu write since 0.12; anything else is refused, and nothing of it repeated. */
export function readDocument(text: string): ReadOf<StateDocument> {
  const value = jsonIn(text);
  if (value === undefined) return { ok: false, why: 'it is not JSON' };
  if (typeof value === 'object' && value !== null && 'encrypted_data' in value)
    return { ok: false, why: 'OpenTofu encrypted it; take its encryption block out: gitmend seals what it keeps' };
  const read = documentShape.safeParse(value);
  if (read.success) return { ok: true, value: { serial: read.data.serial, lineage: read.data.lineage } };
  const fields = read.error.issues.map(({ path }) => path.map(String).slice(0, 1).join('') || 'the whole');
  return { ok: false, why: `it is no state of version 4: ${[...new Set(fields)].join(', ')}` };
}

/** What LOCK and UNLOCK carry. */
export function readLock(text: string): ReadOf<LockInfo> {
  const read = lockShape.safeParse(jsonIn(text));
  if (!read.success) return { ok: false, why: 'it is not the JSON of a lock with an ID' };
  const { ID, Who, Operation } = read.data;
  return { ok: true, value: { id: ID, who: Who, operation: Operation } };
}
