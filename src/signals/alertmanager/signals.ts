import type { Config } from '../../core/config.ts';
import type { Signal } from '../../core/signal.ts';
import type { DeliveredAlert, Delivery } from './delivery.ts';
import { expressionOf, familyOfExpression, isAlwaysTrue } from './expression.ts';
import { deadManNames, type KnownRule, knownRules } from './rules.ts';

export interface Signals {
  /** What is to be looked at, each alert once. */
  signals: Signal[];
  /**
   * Dead-man switches: they prove that the way from Prometheus is open, and their absence is the fault. They never
   * become a diagnosis, a record or a pull request.
   */
  heartbeats: Signal[];
}

/** Every alert of a delivery as a signal, with its family and what it asks for; repeats counted. */
export function signalsOf(delivery: Delivery, alerts: Config['alerts']): Signals {
  const all = [...sameTogether(delivery.alerts).values()].map((same) => {
    const [alert] = same;
    return { signal: signalOf(alert, same.length, alerts), heartbeat: isDeadMan(alert) };
  });
  return {
    signals: all.filter(({ heartbeat }) => !heartbeat).map(({ signal }) => signal),
    heartbeats: all.filter(({ heartbeat }) => heartbeat).map(({ signal }) => signal),
  };
}

function sameTogether(alerts: readonly DeliveredAlert[]): Map<string, [DeliveredAlert, ...DeliveredAlert[]]> {
  const groups = new Map<string, [DeliveredAlert, ...DeliveredAlert[]]>();
  for (const alert of alerts) {
    const key = `${alert.status} ${alert.fingerprint}`;
    const same = groups.get(key);
    if (same === undefined) groups.set(key, [alert]);
    else same.push(alert);
  }
  return groups;
}

function signalOf(alert: DeliveredAlert, repeats: number, alerts: Config['alerts']): Signal {
  const name = nameOf(alert);
  const rule = isDeadMan(alert) ? undefined : ruleOf(name, alert.generatorURL, alerts);
  return {
    door: 'alertmanager',
    status: alert.status,
    name,
    ...(rule === undefined ? {} : { family: rule.family }),
    asks: rule?.asks ?? 'grow',
    labels: alert.labels,
    annotations: alert.annotations,
    startsAt: alert.startsAt,
    ...(alert.endsAt === undefined ? {} : { endsAt: alert.endsAt }),
    fingerprint: alert.fingerprint,
    repeats,
  };
}

function nameOf(alert: DeliveredAlert): string {
  return ownValue(alert.labels, 'alertname') ?? '(no alertname)';
}

function isDeadMan(alert: DeliveredAlert): boolean {
  const expression = expressionOf(alert.generatorURL);
  return deadManNames.test(nameOf(alert)) || (expression !== undefined && isAlwaysTrue(expression));
}

/** The owner's mapping, else the known rules, else the rule's own expression; none of them: nothing tells. */
function ruleOf(name: string, generatorURL: string, alerts: Config['alerts']): KnownRule | undefined {
  const expression = expressionOf(generatorURL);
  const known = knownRules.get(name);
  const read = expression === undefined ? undefined : familyOfExpression(expression);
  const mapped = ownValue(alerts, name);
  if (mapped === undefined) return known ?? read;
  // The owner says which family; which way it points is still the rule's own.
  const direction = [known, read].find((rule) => rule?.family === mapped);
  return { family: mapped, asks: direction?.asks ?? 'grow' };
}

// An alert may be called `constructor`: only own keys count.
function ownValue(record: { readonly [key: string]: string }, key: string): string | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
