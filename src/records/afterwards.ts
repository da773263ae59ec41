import type { VerificationPlan } from '../core/plan.ts';
import { listed, printSpan } from '../texts/words.ts';

/** What happens after the verdict: only where an alert is asked is there anything to watch. '' where there is not. */
export function watchWords({ watch, signal, alert }: VerificationPlan): string {
  const asked = signal !== undefined && alert !== 'not-asked';
  return asked && watch > 0 ? `; the alert is watched for ${printSpan(watch)} afterwards` : '';
}

/** Why no alert decides; '' where one does. */
export function noAlertWords({ signal, alert }: VerificationPlan): string {
  if (signal === undefined) return 'No alert is asked: this pull request answers none.';
  return alert === 'not-asked' ? 'No alert is asked: no Alertmanager is configured.' : '';
}

/** `Not observed, because no source here shows it: …`; '' where everything is seen. A journal may name anything: escape it. */
export function notObservedWords(names: readonly string[], escape: (text: string) => string = (text) => text): string {
  return names.length === 0 ? '' : `Not observed, because no source here shows it: ${escape(listed(names))}.`;
}
