import { z } from 'zod';
import { parseMarker, printMarker } from './marker.ts';
import { checked, time } from './schemas.ts';

/** A proposal that a person does not want to hear of until then. It stands in the body of the closed pull request. */
export interface Snooze {
  /** ISO 8601 UTC. */
  until: string;
  by: string;
}

/** The same body with the snooze behind it, instead of one that was there; without one, none. */
export function withSnooze(body: string, snooze: Snooze | undefined): string {
  const lines = body.split('\n').filter((line) => !line.startsWith('<!-- gitmend:snooze '));
  const text = lines.join('\n').trimEnd();
  return snooze === undefined ? `${text}\n` : `${text}\n\n${printMarker('snooze', snooze)}\n`;
}

/** `undefined` where there is none that can be read. Whoever may edit the body can change it, as they could close it. */
export function snoozeIn(body: string): Snooze | undefined {
  const read = checked(parseMarker(body, 'snooze'), schema);
  return 'problems' in read ? undefined : read.value;
}

const schema: z.ZodType<Snooze> = z.strictObject({ until: time, by: z.string().max(80) });
