import type { z } from 'zod';
import { isoTime } from '../../core/clock.ts';
import { canonical, digestOf } from '../../core/json.ts';
import type { DeliveredAlert, Delivery } from './delivery.ts';
import { type Webhook, type WebhookAlert, webhookSchema } from './schema.ts';
import { nesting, safeEntries, safeText } from './text.ts';

export interface ReadOptions {
  /** Largest accepted text in UTF-8 bytes; 4 MiB unless told otherwise. */
  maxBytes?: number;
  /** Deepest accepted nesting; a webhook needs 4. */
  maxDepth?: number;
}

export type ReadDelivery = { ok: true; delivery: Delivery } | { ok: false; problems: string[] };

/**
 * Reads an Alertmanager webhook (version 4). Either the whole delivery, trusted in shape and safe to print, or every
 * fault at once as `alerts[3].startsAt: is not an RFC 3339 time`. Unknown fields pass.
 */
export function readAlertmanager(text: string, options: ReadOptions = {}): ReadDelivery {
  const refused = tooMuch(text, options.maxBytes ?? 4 * 1024 * 1024, options.maxDepth ?? 32);
  if (refused !== undefined) return { ok: false, problems: [refused] };
  const json = parse(text);
  if (!json.ok) return { ok: false, problems: [json.problem] };
  const read = webhookSchema.safeParse(json.value);
  if (!read.success) return { ok: false, problems: problemsOf(read.error, json.value) };
  return { ok: true, delivery: deliveryOf(read.data) };
}

function tooMuch(text: string, maxBytes: number, maxDepth: number): string | undefined {
  // Every UTF-16 unit is at least one byte and at most three: measure exactly only where it matters.
  const bytes = text.length > maxBytes ? text.length : new TextEncoder().encode(text).length;
  if (bytes > maxBytes) return `the payload has more than ${maxBytes} bytes; send fewer alerts at once (max_alerts)`;
  const depth = nesting(text);
  if (depth > maxDepth) return `the payload nests ${depth} deep, more than ${maxDepth}; a webhook needs 4`;
  return undefined;
}

function parse(text: string): { ok: true; value: unknown } | { ok: false; problem: string } {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false, problem: 'the payload is not JSON' };
  }
}

function problemsOf(error: z.ZodError, value: unknown): string[] {
  const issues = error.issues.slice(0, 100).map((issue) => `${placeOf(issue.path)}: ${safeText(issue.message, 200)}`);
  const rest = error.issues.length - issues.length;
  const custom = typeof value === 'object' && value !== null && !('version' in value && 'alerts' in value);
  return [
    ...issues,
    ...(rest > 0 ? [`and ${rest} more`] : []),
    ...(custom
      ? ['this is not the standard webhook body: remove `payload:` from the webhook_config, gitmend reads version 4']
      : []),
  ];
}

function placeOf(path: readonly PropertyKey[]): string {
  const place = path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${safeText(String(part), 64)}`))
    .join('')
    .replace(/^\./, '');
  return place === '' ? 'the payload' : place;
}

function deliveryOf(webhook: Webhook): Delivery {
  const { receiver, groupKey, notification_reason: reason } = webhook;
  return {
    id: deliveryId(webhook),
    receiver: safeText(receiver),
    groupKey: safeText(groupKey, 4096),
    status: webhook.status,
    ...(reason === undefined ? {} : { notificationReason: safeText(reason) }),
    truncatedAlerts: webhook.truncatedAlerts ?? 0,
    alerts: webhook.alerts.map(deliveredAlert),
  };
}

// The same delivery again, whatever order its alerts are in, has the same id.
function deliveryId({ receiver, groupKey, alerts }: Webhook): string {
  const parts = alerts.map((alert) => [fingerprintOfAlert(alert), alert.status, alert.startsAt]);
  const sorted = parts.sort((a, b) => (canonical(a) < canonical(b) ? -1 : 1));
  return digestOf({ receiver: wellFormed(receiver), groupKey: wellFormed(groupKey), alerts: sorted });
}

function deliveredAlert(alert: WebhookAlert): DeliveredAlert {
  const ended = alert.status === 'resolved' ? alert.endsAt : undefined;
  return {
    status: alert.status,
    labels: safeEntries(alert.labels),
    annotations: safeEntries(alert.annotations ?? {}),
    startsAt: isoTime(Date.parse(alert.startsAt)),
    ...(ended === undefined || ended.startsWith('0001-') ? {} : { endsAt: isoTime(Date.parse(ended)) }),
    generatorURL: (alert.generatorURL ?? '').slice(0, 16_384),
    fingerprint: fingerprintOfAlert(alert),
  };
}

// Alertmanager before 0.19 sent none: the label set is what it hashes, so the same labels still match a resolve.
function fingerprintOfAlert(alert: WebhookAlert): string {
  if (alert.fingerprint !== undefined) return safeText(alert.fingerprint, 64);
  return digestOf(safeEntries(alert.labels)).slice('sha256:'.length, 'sha256:'.length + 16);
}

// A lone surrogate has no canonical JSON.
function wellFormed(text: string): string {
  return text.toWellFormed();
}
