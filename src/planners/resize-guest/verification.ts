import type { Json } from '../../core/json.ts';
import { listed } from '../../texts/words.ts';
import { notAsApplied } from '../live.ts';
import type { Look, LookInput, Predicate, Seen } from '../predicate.ts';
import { cpuFindings, type Finding, memoryFindings, names } from './findings.ts';
import { inverseSafe } from '../inverse.ts';

/** Memory and CPU are well again, counted from the apply. Source: signals, “Verification after merge”. */
export const sizePredicate: Predicate = { name: 'resize-guest', words, look, inverseSafe };

function words(expected: { readonly [field: string]: Json }, { alert, notObserved }: Seen): string {
  const usage = notObserved.includes(names.usage) ? [] : ['usage stays under 90 %'];
  const memory = [
    ...usage,
    ...(notObserved.includes(names.stalls) ? [] : [`stalls ${usage.length === 0 ? 'stay ' : ''}under 10 %`]),
    ...(notObserved.includes(names.kills) ? [] : ['nothing is killed']),
  ];
  const seen = [
    ...(touchesMemory(expected) ? memory : []),
    ...('cores' in expected && !notObserved.includes(names.cpuStalls) ? ['stalls on CPU stay under 10 %'] : []),
  ];
  const parts = [
    ...(seen.length === 0 ? ['it runs with what was applied'] : seen),
    ...(alert ? ['the alert resolves'] : []),
  ];
  return listed(parts).replace(/ and (?=[^,]*$)/, parts.length > 2 ? ', and ' : ' and ');
}

function touchesMemory(expected: { readonly [field: string]: Json }): boolean {
  return 'memory' in expected || 'swap' in expected;
}

/** One look. A figure over its threshold makes it fail; a figure that went silent makes it untellable. */
function look(input: LookInput): Look {
  const findings = [
    ...(touchesMemory(input.expected) ? memoryFindings(input) : []),
    ...('cores' in input.expected ? cpuFindings(input) : []),
  ];
  const observed = Object.fromEntries(
    findings.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
  );
  const notObserved = findings.filter(({ state }) => state === 'not-observed').map(({ words: what }) => what);
  const wrong = notAsApplied({ ...input, observed });
  if (wrong !== undefined) return { ...wrong, notObserved };
  return { ...stateOf(findings), observed, notObserved };
}

function stateOf(findings: readonly Finding[]): Pick<Look, 'state' | 'why'> {
  const those = (state: Finding['state']) =>
    listed(findings.filter((finding) => finding.state === state).map(({ words: what }) => what));
  if (those('fails') !== '') return { state: 'fails', why: those('fails') };
  if (those('silent') !== '') return { state: 'cannot-tell', why: those('silent') };
  return { state: 'holds', why: those('holds') === '' ? 'it runs with what was applied' : those('holds') };
}
