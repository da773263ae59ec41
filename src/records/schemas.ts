import { z } from 'zod';
import type { Fault } from '../core/fault.ts';
import type { Digest, Json } from '../core/json.ts';
import { runOutcomes } from '../core/outcome.ts';

/** Pieces that plan records, journals and records share. All strict: what is not known is not trusted. */
export const digest = z.custom<Digest>((value) => typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value), {
  error: 'is not a digest',
});
export const time = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z$/, { error: 'is not a time in UTC' });
export const count = z.number().int().min(0);
export const json: z.ZodType<Json> = z.json();
export const values = z.record(z.string(), json);
export const outcome = z.enum(Object.keys(runOutcomes) as [keyof typeof runOutcomes]);

export const signalReference = z.strictObject({
  name: z.string(),
  fingerprint: z.string(),
  labels: z.record(z.string(), z.string()),
  startsAt: z.string(),
});

/** `steps[0].preState: is not a digest` */
function issueText(issue: z.core.$ZodIssue): string {
  const where = issue.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  const field = where.replace(/^\./, '');
  return field === '' ? issue.message : `${field}: ${issue.message}`;
}

const mostCharacters = 4 * 1024 * 1024;

/**
 * JSON text → the trusted value, or everything wrong with it. Never throws, whatever the text: whoever may push can
 * write these.
 */
export function readJson<T>(text: string, schema: z.ZodType<T>): { value: T } | { problems: string[] } {
  if (text.length > mostCharacters) return { problems: ['is too long'] };
  try {
    return checked(JSON.parse(text), schema);
  } catch (error) {
    // Text that nests thousands deep ends in the readers' own recursion.
    return { problems: [error instanceof RangeError ? 'is nested too deeply' : 'is not JSON'] };
  }
}

export function checked<T>(value: unknown, schema: z.ZodType<T>): { value: T } | { problems: string[] } {
  if (!isWellFormed(value)) return { problems: ['holds half of a character'] };
  const parsed = schema.safeParse(value);
  return parsed.success ? { value: parsed.data } : { problems: parsed.error.issues.map(issueText) };
}

/** Half of a surrogate pair cannot be written as UTF-8, so no digest of it means anything. */
export function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, inner]) => key.isWellFormed() && isWellFormed(inner));
}

/** Problems as the faults of a text that a program wrote: without a place in it. */
export function asFaults(what: string, problems: readonly string[]): { ok: false; faults: Fault[] } {
  return {
    ok: false,
    faults: problems.map((problem) => ({
      file: what,
      line: 0,
      column: 0,
      field: '',
      problem,
      mend: '',
      severity: 'fault',
    })),
  };
}
