import type { FactName } from '../core/fact.ts';
import { staleFacts } from '../core/freshness.ts';
import { dayAndMinuteOf } from '../texts/words.ts';
import type { Conclusion } from './conclude.ts';
import type { DiagnosisInput } from './diagnoser.ts';

/** How one field of a guest is declared, named and measured. */
export interface SizeField {
  field: 'memory' | 'cores';
  /** `MiB`, or '' for a plain number. */
  unit: string;
}

/**
 * Step 1 for every size of a guest: is it still so, was the evidence read now, and is what is declared what is live?
 * `undefined` where nothing of this decides.
 */
export function notOurs(input: DiagnosisInput, size: SizeField, needed: readonly FactName[]): Conclusion | undefined {
  return resolved(input) ?? notRead(input, needed) ?? stale(input) ?? differs(input, size) ?? notRunning(input);
}

function resolved({ signal }: DiagnosisInput): Conclusion | undefined {
  if (signal.status !== 'resolved') return undefined;
  // By itself or by what was applied for it: that is not to be told from the alert.
  const when = signal.endsAt === undefined ? '' : ` at ${dayAndMinuteOf(signal.endsAt)}`;
  return { outcome: 'no-change', rule: 'resolved', summary: `the alert resolved${when}`, facts: [] };
}

function notRead({ facts, gaps }: DiagnosisInput, needed: readonly FactName[]): Conclusion | undefined {
  const missing = needed.filter((name) => facts[name] === undefined);
  if (missing.length === 0) return undefined;
  const reasons = gaps.map(({ source, problem }) => `${source}: ${problem}`);
  const summary = `no evidence to decide by: ${missing.join(', ')} could not be read${reasons.length > 0 ? ` (${reasons.join('; ')})` : ''}`;
  const helps = [
    'check that Proxmox VE answers and that the read token may see the guest and its node (role PVEAuditor)',
  ];
  return { outcome: 'unknown', rule: 'no-evidence', summary, facts: [], helps };
}

function stale({ facts, now }: DiagnosisInput): Conclusion | undefined {
  const old = staleFacts(facts, now);
  if (old.length === 0) return undefined;
  const summary = `stale evidence: ${old.join(', ')} too old to decide by, or from the future`;
  const helps = ['compare the clocks of gitmend and of the source; the next look reads again'];
  return { outcome: 'unknown', rule: 'stale-evidence', summary, facts: old, helps };
}

function differs({ facts, declared }: DiagnosisInput, { field, unit }: SizeField): Conclusion | undefined {
  const live = facts['guest.size']?.value[field];
  const waits = facts['guest.pending']?.value[field];
  const text = (value: number): string => (unit === '' ? `${value} ${field}` : `${value} ${unit}`);
  const used: FactName[] = ['guest.size', 'guest.pending'];
  if (live === undefined) {
    const summary = `no evidence to decide by: Proxmox VE names no ${field} of the guest`;
    return { outcome: 'unknown', rule: 'no-evidence', summary, facts: used };
  }
  if (declared[field] > live) {
    const summary = `already raised: ${declared.file} declares ${text(declared[field])}, ${text(live)} are live; merged and not yet applied`;
    return { outcome: 'no-change', rule: 'not-yet-applied', summary, facts: used };
  }
  if (declared[field] < live) {
    const summary = `drift: ${declared.file} declares ${text(declared[field])}, ${text(live)} are live`;
    const helps = [`declare what is live, or put back what is declared, before ${field} is sized`];
    return { outcome: 'unknown', rule: 'drift', summary, facts: used, helps };
  }
  if (waits !== undefined && waits !== live) {
    const summary = `${text(waits)} already wait for a restart of the guest, ${text(live)} are live`;
    const outcome = waits > live ? 'no-change' : 'unknown';
    return {
      outcome,
      rule: 'pending-restart',
      summary,
      facts: used,
      helps: ['restart the guest, or take the pending change back'],
    };
  }
  return undefined;
}

function notRunning({ facts }: DiagnosisInput): Conclusion | undefined {
  const status = facts['guest.status']?.value;
  if (status === 'running') return undefined;
  const summary = `contradicted by live evidence: the guest is ${status ?? 'not seen running'}, so nothing is in use`;
  return { outcome: 'no-change', rule: 'not-running', summary, facts: ['guest.status'] };
}
