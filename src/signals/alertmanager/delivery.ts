/** One alert of a webhook, as sent, with times in UTC and texts made safe to print. */
export interface DeliveredAlert {
  status: 'firing' | 'resolved';
  labels: { [label: string]: string };
  annotations: { [name: string]: string };
  /** ISO 8601 UTC. */
  startsAt: string;
  /** Absent while it fires (Alertmanager sends year 1). */
  endsAt?: string;
  /** Read as text, never fetched. */
  generatorURL: string;
  /** Alertmanager's hash of the full label set: matches a resolve, identifies nothing else. */
  fingerprint: string;
}

/** One webhook of Alertmanager, version 4. */
export interface Delivery {
  /** sha256(receiver, groupKey, sorted(fingerprint, status, startsAt)): the same delivery again has the same. */
  id: string;
  receiver: string;
  groupKey: string;
  /** Of the group: firing if any alert fires. Never decides anything: every alert has its own. */
  status: 'firing' | 'resolved';
  /** Since Alertmanager 0.32. */
  notificationReason?: string;
  /** How many alerts Alertmanager left out; above 0 the rest is to be fetched from its API. */
  truncatedAlerts: number;
  alerts: DeliveredAlert[];
}
