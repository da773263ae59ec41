import { z } from 'zod';
import { say } from '../config/read-yaml.ts';
import { didYouMean, oneOf, shown } from '../config/words.ts';
import { parseDuration } from '../core/duration.ts';
import { stepKinds, type StepKind } from '../core/step.ts';
import { isLevel, type Level } from './levels.ts';

export const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

const name = z.string().min(1).max(80);
const names = z
  .array(name, { error: ({ input }) => say(`${shown(input)} is not a list`, `did you mean [${shown(input)}]?`) })
  .min(1);
const approvers = z
  .array(
    z
      .string()
      .min(1)
      .max(140)
      .refine((one) => !one.startsWith('team:') || /^team:[\w.-]+\/[\w.-]+$/.test(one), {
        error: ({ input }) => say(`${shown(input)} is not a team`, 'write team:owner/name'),
      }),
    { error: ({ input }) => say(`${shown(input)} is not a list`, `did you mean [${shown(input)}]?`) },
  )
  .min(1);
const clock = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, {
  error: ({ input }) => say(`${shown(input)} is not a time of day`, 'write "22:00", in UTC'),
});

// What has several spellings is read by hand, so that the message can say which ones there are.
const kinds = z.unknown().transform((input, context): StepKind[] => {
  const list: unknown[] = Array.isArray(input) ? input : [input];
  if (list.length === 0)
    context.addIssue({ code: 'custom', message: say('names no step', `write ${oneOf(stepKinds)}`) });
  for (const [at, one] of list.entries()) {
    if (stepKinds.includes(one as StepKind)) continue;
    const message = say(
      `${shown(one)} is not a kind of step`,
      didYouMean(String(one), stepKinds) || `write ${oneOf(stepKinds)}`,
    );
    context.addIssue({ code: 'custom', message, path: Array.isArray(input) ? [at] : [] });
  }
  return list as StepKind[];
});

const duration = z.unknown().transform((input, context): number => {
  const seconds = parseDuration(String(input));
  if (seconds === undefined)
    context.addIssue({ code: 'custom', message: say(`${shown(input)} is not a duration`, 'write 30m, 24h or 7d') });
  return seconds ?? 0;
});

const level = z.unknown().transform((input, context): Level => {
  if (typeof input === 'string' && isLevel(input)) return input;
  const known = ['auto', 'notify', 'approve', 'approve-2', 'forbidden'];
  const mend = didYouMean(String(input), known) || 'write auto, notify, approve, approve-2 to approve-9, or forbidden';
  context.addIssue({ code: 'custom', message: say(`${shown(input)} is not a level`, mend) });
  return 'forbidden';
});

const bound = z
  .strictObject({ min: z.number().positive().exactOptional(), max: z.number().positive().exactOptional() })
  .refine(({ min = 0, max = Infinity }) => min <= max, { error: say('min is greater than max', 'swap them') });

const rule = z.strictObject({
  name,
  when: z.strictObject({
    step: kinds,
    target: z
      .strictObject({
        tags: names.exactOptional(),
        names: names.exactOptional(),
        clusters: names.exactOptional(),
        carries: names.exactOptional(),
        hosts: names.exactOptional(),
      })
      .default({}),
  }),
  level,
  by: approvers.exactOptional(),
  expires: duration.prefault('24h'),
  cooldown: duration.prefault('0s'),
  window: z
    .strictObject({ days: z.array(z.enum(dayNames)).min(1).exactOptional(), from: clock, to: clock })
    .exactOptional(),
  bounds: z
    .strictObject({ memory: bound.exactOptional(), cores: bound.exactOptional(), swap: bound.exactOptional() })
    .default({}),
});
export type RuleInFile = z.infer<typeof rule>;

const freeze = z
  .strictObject({ name, from: moment('start'), to: moment('end') })
  .refine(({ from, to }) => from < to, { error: say('ends before it begins', 'swap from and to') });
/** A time in which heal proposes nothing; milliseconds since the epoch, `to` excluded. */
export type Freeze = z.infer<typeof freeze>;

/** One file of policies/, version 1. Durations become seconds, days become milliseconds. */
export const policyFile = z.strictObject({
  version: z.literal(1, {
    error: ({ input }) => say(`${shown(input)} is not a version that this gitmend reads`, 'write version: 1'),
  }),
  rules: z.array(rule).default([]),
  freezes: z.array(freeze).default([]),
  limits: z
    .strictObject({
      overcommit: z.number().positive().max(4).exactOptional(),
      openPullRequests: z.number().int().min(0).exactOptional(),
      perHour: z.number().int().min(0).exactOptional(),
    })
    .default({}),
});

/** A day (`2026-12-24`: from its start, or to its end) or a time (`2026-12-24T18:00Z`), in UTC. */
function moment(edge: 'start' | 'end') {
  return z.unknown().transform((input, context): number => {
    const text = String(input);
    const day = /^\d{4}-\d{2}-\d{2}$/.test(text);
    const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?Z$/.test(text);
    const start = day || time ? Date.parse(text) : NaN;
    // Date.parse lets 31 February roll over into March.
    const real = !Number.isNaN(start) && new Date(start).toISOString().startsWith(text.slice(0, 10));
    if (real) return day && edge === 'end' ? start + 86_400_000 : start;
    context.addIssue({
      code: 'custom',
      message: say(`${shown(input)} is not a day`, 'write 2026-12-24, or 2026-12-24T18:00Z'),
    });
    return 0;
  });
}
