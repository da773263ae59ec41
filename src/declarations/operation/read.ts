import { decodeTime } from 'ulid';
import { stringify } from 'yaml';
import { readYaml } from '../../config/read-yaml.ts';
import { shown } from '../../config/words.ts';
import type { YamlSource } from '../../config/yaml-source.ts';
import { isoTime } from '../../core/clock.ts';
import type { Fault, Read } from '../../core/fault.ts';
import type { Digest } from '../../core/json.ts';
import type { Action } from '../../core/step.ts';
import type { Target } from '../../core/target.ts';
import type { DriftingField } from '../guest/index.ts';
import { operationSchema, ulidPattern } from './schema.ts';

/** A one-shot request: these fields of the target become as declared, although what is live is not what a plan started from. */
export interface ApplyDeclared {
  version: 1;
  /** ULID, and the name of its file. */
  id: string;
  remedy: 'apply-declared';
  target: Target;
  parameters: { fields: DriftingField[] };
  reason: string;
  evidence?: string[];
  /** Digest of what was observed of the target when this was written (`preStateOf`). */
  expectedState: Digest;
  /** ISO 8601 UTC; at most 7 days after the id was made. */
  expiresAt: string;
  inverse: Action | 'irreversible';
}

/** Every operation that this version knows, by remedy. */
export type Operation = ApplyDeclared;

const longest = 7 * 86_400_000;
// Clocks of two machines differ; an id from further ahead would stretch the seven days.
const skew = 5 * 60_000;

/**
 * operations/<id>.yaml: its text → the trusted request, or every fault at once. `now` (milliseconds) is known where a
 * request is made or planned; a file that expired long ago stays readable: it is history.
 */
export function readOperation(text: string, file: string, now?: number): Read<Operation> {
  const read = readYaml(text, file, operationSchema, (source) => [
    ...nameFaults(source, file),
    ...timeFaults(source, now),
    ...undoFaults(source),
  ]);
  if (!read.ok) return read;
  const { inverse, irreversible, ...rest } = read.value;
  return {
    ...read,
    value: { ...rest, inverse: irreversible === true || inverse === undefined ? 'irreversible' : (inverse as Action) },
  };
}

/** The text of operations/<id>.yaml, which `readOperation` reads back as the same value. */
export function printOperation(operation: Operation): string {
  const { version, id, remedy, target, parameters, reason, evidence, expectedState, expiresAt, inverse } = operation;
  const undo = inverse === 'irreversible' ? { irreversible: true } : { inverse };
  const ordered = {
    version,
    id,
    remedy,
    target,
    parameters,
    reason,
    ...(evidence && { evidence }),
    expectedState,
    expiresAt,
    ...undo,
  };
  const head = '# Merged means requested, once. An edit of this file is refused; deleting it does nothing.\n';
  return head + stringify(ordered, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** `operations/01J….yaml` */
export function operationFile(id: string): string {
  return `operations/${id}.yaml`;
}

function nameFaults(source: YamlSource, file: string): Fault[] {
  const { id } = source.value as { id?: unknown };
  const stem = file.replace(/^.*\//, '').replace(/\.yaml$/, '');
  if (typeof id !== 'string' || !ulidPattern.test(id) || id === stem) return [];
  return [source.fault(['id'], `${id} stands in ${shown(file)}`, `name the file ${operationFile(id)}`)];
}

function timeFaults(source: YamlSource, now: number | undefined): Fault[] {
  const { id, expiresAt } = source.value as { id?: unknown; expiresAt?: unknown };
  const made = typeof id === 'string' && ulidPattern.test(id) ? decodeTime(id) : undefined;
  const expires = typeof expiresAt === 'string' ? Date.parse(expiresAt) : NaN;
  if (made !== undefined && now !== undefined && made > now + skew) {
    return [source.fault(['id'], `was made in the future (${isoTime(made)})`, 'make a new one')];
  }
  const start = Math.min(made ?? Infinity, now ?? Infinity);
  if (Number.isNaN(expires) || start === Infinity) return [];
  if (expires > start + longest) {
    return [
      source.fault(
        ['expiresAt'],
        `is more than 7 days after ${isoTime(start)}`,
        `write ${isoTime(start + longest)} or earlier`,
      ),
    ];
  }
  return made !== undefined && expires <= made
    ? [source.fault(['expiresAt'], `is not after ${isoTime(made)}, when it was made`)]
    : [];
}

/** Exactly one of `inverse` and `irreversible: true`: every change says how it is taken back, or that it is not. */
function undoFaults(source: YamlSource): Fault[] {
  const { inverse, irreversible } = source.value as { inverse?: unknown; irreversible?: unknown };
  if (inverse !== undefined && irreversible !== undefined)
    return [source.fault(['irreversible'], 'stands beside inverse', 'keep one of both')];
  if (inverse !== undefined || irreversible !== undefined) return [];
  return [source.fault([], 'says not how it is taken back', 'add inverse: or irreversible: true')];
}
