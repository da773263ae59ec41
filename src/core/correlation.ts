import { digestOf } from './json.ts';

/**
 * One word that follows a fault from its first alert to its record: everything that knows the signal (delivery, pull
 * request, plan, record) knows it too, so nothing has to carry it along. Repeats of one alert have the same.
 */
export function correlationOf(signal: { fingerprint: string; startsAt: string }): string {
  const { fingerprint, startsAt } = signal;
  const at = Date.parse(startsAt);
  return digestOf({ fingerprint: fingerprint.toWellFormed(), startsAt: Number.isNaN(at) ? startsAt : at }).slice(7, 19);
}

/** The same as a field of a log line; nothing where there is no signal. */
export function correlationIn(signal: Parameters<typeof correlationOf>[0] | undefined): { correlation?: string } {
  return signal === undefined ? {} : { correlation: correlationOf(signal) };
}
