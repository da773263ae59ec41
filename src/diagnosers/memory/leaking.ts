import { isoTime } from '../../core/clock.ts';
import type { Conclusion } from '../conclude.ts';
import type { DiagnosisInput } from '../diagnoser.ts';
import { lengthOf, mib } from '../words.ts';
import type { Figures } from './figures.ts';
import type { Leak } from './leak.ts';
import type { Window } from './window.ts';

/** A leak is reported: when it reaches the cap, since when, and what started then. More memory only moves the kill. */
export function leaking(input: DiagnosisInput, figures: Figures, window: Window, leak: Leak): Conclusion {
  const seconds = ((figures.cap - leak.level) / leak.perDay) * 86_400;
  const until = seconds <= 3600 ? 'it is at its cap now' : `it reaches its cap in about ${lengthOf(seconds)}`;
  const shape = leak.shape === 'saw-teeth' ? `, ${leak.resets} times reset by a restart or a kill` : '';
  const since = isoTime(leak.since * 1000);
  return {
    outcome: 'report-only',
    rule: leak.shape === 'saw-teeth' ? 'leak-saw-teeth' : 'leak-growth',
    summary: `leaks memory: ${mib(leak.perDay)} a day since ${since} at the latest${shape}; ${until}, and more memory only moves that`,
    facts: ['guest.memory.history', 'guest.memory.cap', 'guest.restarts', ...figures.usage.from],
    helps: [
      `${startedThen(input, window, leak)}: look at what was deployed or upgraded around then`,
      'restart the application on a schedule until it is mended; limit it by its own settings',
    ],
  };
}

function startedThen({ facts, name }: DiagnosisInput, window: Window, leak: Leak): string {
  const day = 86_400;
  const start = facts['guest.restarts']?.value.findLast((at) => at <= leak.since + day / 2 && at >= leak.since - day);
  if (start !== undefined) return `${name} was started ${isoTime(start * 1000)}`;
  if (window.since === 'cap-change') return `its cap was changed ${isoTime(leak.since * 1000)}`;
  if (window.since === 'step') return `its level changed ${isoTime(leak.since * 1000)}`;
  return 'what started then was not observed';
}
