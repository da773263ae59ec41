import { isoTime } from '../../core/clock.ts';
import { fingerprintOf } from '../../core/fingerprint.ts';
import type { SignalReference } from '../../core/plan.ts';
import type { RunRecord } from '../../core/run.ts';
import type { Signal } from '../../core/signal.ts';
import { configInForce } from '../../deliver/planning.ts';
import type { Truth } from '../../deliver/truth.ts';
import type { World } from '../../deliver/world.ts';
import { families } from '../../heal/diagnose.ts';
import type { Beyond } from '../../heal/propose.ts';
import { doors } from '../../signals/index.ts';
import { type Healed, healSignals } from '../heal.ts';

/** Who asked, in the words of a proposal: nobody knows who ticks a box. */
export const byBox = 'a box of the dashboard';

/**
 * Looks at a fault again from live evidence, as when its alert is repeated, and says what came of it. What has resolved is
 * looked at no more; while Alertmanager cannot be asked, nothing is.
 */
export async function lookAgain(
  world: World,
  truth: Truth,
  { signals, beyond }: { signals: readonly Signal[]; beyond: Beyond },
): Promise<string> {
  const still: Signal[] = [];
  for (const signal of signals) {
    const now = await standing(world, signal);
    if (now.state === 'unknown') return `not looked at: Alertmanager does not say whether it still fires, ${now.why}`;
    if (now.state !== 'resolved') still.push(signal);
  }
  if (signals.length === 0) return 'no alert stands behind it; an approver writes /diagnose TARGET on an issue';
  if (still.length === 0) return 'nothing is proposed: its alert does not fire any more';
  const healed = await healSignals(world, truth, still, undefined, beyond);
  return [...new Set(healed.map(wordsOf))].join('; ');
}

async function standing(world: World, { door, name, fingerprint, labels, startsAt }: Signal) {
  // A person's request fires nowhere.
  return door === 'request'
    ? ({ state: 'not-observed' } as const)
    : world.signalState({ name, fingerprint, labels, startsAt });
}

function wordsOf(healed: Healed): string {
  const { summary, outcome, name } = healed.diagnosis;
  if (healed.state === 'noted') return `nothing is proposed for ${name}: ${outcome}, ${summary}`;
  if (healed.state === 'refused')
    return `${name} is not proposed (${healed.refusal.reason}): ${healed.refusal.message}`;
  return `${healed.state === 'opened' ? 'opened' : 'it is open'}: #${healed.pullRequest.number} for ${name}`;
}

/** The alerts that a proposal answered, as if they were repeated now. */
export function alertsAgain(truth: Truth, references: readonly SignalReference[]): Signal[] {
  const alerts = references.map((one) => ({ ...one, status: 'firing' as const, annotations: {}, generatorURL: '' }));
  const delivery = { id: '', receiver: '', groupKey: '', status: 'firing' as const, truncatedAlerts: 0, alerts };
  const { signals } = doors.alertmanager.signals(delivery, configInForce(truth).alerts);
  // The rule's expression is not kept: whatever only that told of is looked at as a request is.
  return signals.flatMap((signal) =>
    signal.family === undefined ? families.map((family) => ({ ...signal, family })) : [signal],
  );
}

/** What a record says was held back, as a signal of now: of the same family, whatever told that. */
export function heldBackAgain(world: World, truth: Truth, record: RunRecord): Signal[] {
  const { signal, target = '', fingerprint, run } = record;
  if (signal === undefined) return [];
  const guest = signal.name === 'request' ? truth.head.guests.get(target) : undefined;
  const asked = { by: byBox, at: isoTime(world.clock.now()), id: run };
  const signals = guest === undefined ? alertsAgain(truth, [signal]) : doors.request.signals(guest, families, asked);
  const same = signals.filter(({ family = '' }) => fingerprintOf('diagnosis', target, family) === fingerprint);
  const family = families.find((one) => fingerprintOf('diagnosis', target, one) === fingerprint);
  // By the owner's word of now it may be of another family: then the record's counts.
  return same.length > 0 || family === undefined ? same : signals.slice(0, 1).map((one) => ({ ...one, family }));
}
