import { z } from 'zod';
import { isoTime } from '../../core/clock.ts';

// What the APIs of GitHub and Gitea write alike.

/** A time in whatever zone the server writes it: ISO 8601 UTC. */
export const time = z.string().transform((text, context) => {
  const milliseconds = Date.parse(text);
  if (!Number.isNaN(milliseconds)) return isoTime(milliseconds);
  context.addIssue({ code: 'custom', message: 'is no time' });
  return z.NEVER;
});

/** The login of an account. One that was deleted comes as `null`, or as the forge's own `ghost`. */
export function accountShape(ghost: string) {
  return z
    .object({ login: z.string() })
    .nullish()
    .transform((user) => user?.login ?? ghost);
}

export const objectId = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/);

/** Forges put `null` into lists, and in place of them, for what they could not read: it is left out. */
export function listOf<S extends z.ZodType>(entry: S): z.ZodType<z.output<S>[]> {
  return z
    .array(entry.nullable())
    .nullable()
    .transform((list) => (list ?? []).filter((one) => one !== null) as z.output<S>[]);
}
