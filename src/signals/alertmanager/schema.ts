import { z } from 'zod';

/** Most labels or annotations of one alert. More is refused, not cut: a lost `cluster` label would change who is meant. */
const mostEntries = 128;
const mostAlerts = 5000;

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const time = z
  .string()
  .max(64)
  .refine((text) => rfc3339.test(text) && !Number.isNaN(Date.parse(text)), 'is not an RFC 3339 time');

const entries = z
  .record(z.string(), z.string())
  .refine((record) => Object.keys(record).length <= mostEntries, `has more than ${mostEntries} entries`);

const status = z.enum(['firing', 'resolved']);

const alert = z.object({
  status,
  labels: entries,
  annotations: entries.optional(),
  startsAt: time,
  endsAt: time.optional(),
  generatorURL: z.string().optional(),
  fingerprint: z.string().min(1).max(64).optional(),
});

/**
 * The webhook of Alertmanager, version 4. Only what decides is demanded: older senders omit `notification_reason`
 * (before 0.32) and `routeLabels` (before 0.34), newer ones may add fields, and neither may fail.
 */
export const webhookSchema = z.object({
  version: z.literal('4'),
  receiver: z.string().max(1024),
  groupKey: z.string().max(65_536),
  status,
  truncatedAlerts: z.int().min(0).optional(),
  notification_reason: z.string().max(256).optional(),
  alerts: z.array(alert).max(mostAlerts),
});

export type Webhook = z.infer<typeof webhookSchema>;
export type WebhookAlert = z.infer<typeof alert>;
