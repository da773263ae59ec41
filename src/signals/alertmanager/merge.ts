/** An Alertmanager webhook as it was accepted: checked by the door, so only what is merged here is looked at. */
interface Webhook {
  status: string;
  alerts: { status: string; fingerprint?: string; labels?: unknown; startsAt?: string }[];
  [name: string]: unknown;
}

/** Most alerts that one look is about; the door takes as many at once. */
export const mostAlerts = 4000;

/**
 * Many deliveries as one, oldest first: five hundred repeats of an alert are one look, not five hundred. Of each alert
 * only its latest word stays (fired, then resolved: resolved); repeats of that word stay, because they are counted.
 */
export function mergeDeliveries(payloads: readonly string[]): string {
  const [only] = payloads;
  if (payloads.length === 1 && only !== undefined) return only;
  const webhooks = payloads.map((payload) => JSON.parse(payload) as Webhook);
  const alerts = webhooks.flatMap((webhook) => webhook.alerts);
  const last = new Map(alerts.map((alert) => [identityOf(alert), alert.status]));
  const current = alerts.filter((alert) => last.get(identityOf(alert)) === alert.status);
  const truncatedAlerts = webhooks.reduce((sum, webhook) => sum + Number(webhook['truncatedAlerts'] ?? 0), 0);
  const status = current.some((alert) => alert.status === 'firing') ? 'firing' : 'resolved';
  return JSON.stringify({ ...webhooks.at(-1), status, truncatedAlerts, alerts: thinned(current) });
}

function identityOf({ fingerprint, labels }: Webhook['alerts'][number]): string {
  return fingerprint ?? JSON.stringify(labels);
}

/** Where even the repeats of the present would be too many, each alert is there once. */
function thinned(alerts: Webhook['alerts']): Webhook['alerts'] {
  return alerts.length <= mostAlerts
    ? alerts
    : [...new Map(alerts.map((alert) => [identityOf(alert), alert])).values()];
}

/** How many alerts a payload brings, for filling a batch. */
export function alertsIn(payload: string): number {
  return (JSON.parse(payload) as Webhook).alerts.length;
}
