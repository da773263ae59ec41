import { z } from 'zod';
import { GitmendError } from '../core/errors.ts';
import type { SignalReference } from '../core/plan.ts';
import { jsonIn } from '../core/json.ts';
import { readBounded } from './bounded.ts';

/** The part of Alertmanager's `GET /api/v2/alerts` that is read (api/v2/openapi.yaml of prometheus/alertmanager). */
const gettableAlerts = z.array(
  z.looseObject({
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()).optional(),
    fingerprint: z.string(),
    startsAt: z.string(),
    endsAt: z.string(),
    generatorURL: z.string().optional(),
    status: z.looseObject({ state: z.enum(['unprocessed', 'active', 'suppressed']) }),
  }),
);
export type ActiveAlert = z.infer<typeof gettableAlerts>[number];

const versionAnswer = z.object({ versionInfo: z.object({ version: z.string() }) });

/** Of a webhook only what says which alerts are missing; everything else is passed on as it is. */
const truncatedWebhook = z.looseObject({
  receiver: z.string(),
  truncatedAlerts: z.int().min(1),
  groupLabels: z.record(z.string(), z.string()),
  alerts: z.array(z.looseObject({ fingerprint: z.string().optional() })),
});

const largestAnswer = 16 * 1024 * 1024;
/** As many as the door takes in one delivery. */
const mostAlerts = 4000;

/**
 * Every alert that fires now, silenced and inhibited ones included: a silenced fault is still a fault.
 * Throws ALERTMANAGER_UNREACHABLE.
 */
export async function activeAlerts(url: string, timeout = 10_000): Promise<ActiveAlert[]> {
  return get(url, 'alerts?active=true&silenced=true&inhibited=true', gettableAlerts, timeout);
}

/** `0.25.0`: which Alertmanager answers. Throws ALERTMANAGER_UNREACHABLE. */
export async function alertmanagerVersion(url: string, timeout = 10_000): Promise<string> {
  return (await get(url, 'status', versionAnswer, timeout)).versionInfo.version;
}

/** The alert that a signal was, if it still fires: the same fingerprint, or the same labels to the last one. */
export function stillFiring(alerts: readonly ActiveAlert[], signal: SignalReference): ActiveAlert | undefined {
  const names = Object.keys(signal.labels);
  const sameLabels = (alert: ActiveAlert) =>
    names.length > 0 &&
    names.length === Object.keys(alert.labels).length &&
    names.every((name) => alert.labels[name] === signal.labels[name]);
  return alerts.find((alert) => alert.fingerprint === signal.fingerprint || sameLabels(alert));
}

/**
 * A webhook of which Alertmanager left alerts out (`truncatedAlerts` above 0, by `max_alerts`), with the rest of its
 * group as it fires now; any other payload as it came. The result is a webhook again and goes through the door's own
 * reading. What had resolved and was left out cannot be fetched: its absence resolves it. Throws
 * ALERTMANAGER_UNREACHABLE. Call it for each delivery before several are merged: they are of different groups.
 */
export async function completeDelivery(payload: string, url: string, timeout = 10_000): Promise<string> {
  const webhook = truncatedWebhook.safeParse(jsonIn(payload)).data;
  if (webhook === undefined) return payload;
  const { receiver, groupLabels, alerts } = webhook;
  const known = new Set(alerts.flatMap(({ fingerprint }) => fingerprint ?? []));
  const group = await get(url, `alerts?${groupQuery(receiver, groupLabels)}`, gettableAlerts, timeout);
  const rest = group.filter(({ fingerprint }) => !known.has(fingerprint)).map(asDelivered);
  const all = [...alerts, ...rest];
  const kept = all.slice(0, Math.max(alerts.length, mostAlerts));
  return JSON.stringify({ ...webhook, truncatedAlerts: all.length - kept.length, alerts: kept });
}

function groupQuery(receiver: string, labels: { readonly [label: string]: string }): string {
  const query = new URLSearchParams({ active: 'true', silenced: 'false', inhibited: 'false', unprocessed: 'false' });
  // A webhook names its receiver as a regular expression that matches it (template.go: QuoteMeta), as is asked for here.
  query.set('receiver', receiver);
  for (const [label, value] of Object.entries(labels)) query.append('filter', `${label}=${quoted(value)}`);
  return query.toString();
}

/** A matcher's value in Alertmanager's own quotes (pkg/labels/parse.go: backslash, quote and line feed). */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}

/** The API's word for an alert as the webhook's. One that fires has no end there, and one that is foreseen here. */
function asDelivered({ labels, annotations, startsAt, generatorURL, fingerprint }: ActiveAlert) {
  const endsAt = '0001-01-01T00:00:00Z';
  return {
    status: 'firing',
    labels,
    annotations: annotations ?? {},
    startsAt,
    endsAt,
    generatorURL: generatorURL ?? '',
    fingerprint,
  };
}

async function get<S extends z.ZodType>(url: string, path: string, schema: S, timeout: number): Promise<z.output<S>> {
  const address = new URL(`api/v2/${path}`, url.endsWith('/') ? url : `${url}/`);
  try {
    const answer = await fetch(address, {
      signal: AbortSignal.timeout(timeout),
      redirect: 'error',
      headers: { accept: 'application/json' },
    });
    const text = await readBounded(answer, largestAnswer);
    if (!answer.ok) throw new Error(`it answered ${answer.status}`);
    return schema.parse(jsonIn(text));
  } catch (error) {
    throw new GitmendError('ALERTMANAGER_UNREACHABLE', `Alertmanager at ${address.origin}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError) return 'its answer is not that of api/v2';
  const { name, message, cause } = error as Error;
  if (name === 'TimeoutError') return 'it did not answer in time';
  // `fetch failed` says nothing; what caused it does.
  return cause instanceof Error && cause.message !== '' ? cause.message : message;
}
