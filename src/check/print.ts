import { inOrder } from '../config/read-yaml.ts';
import { type Fault, placeOf, sayFault } from '../core/fault.ts';
import type { Checked } from './tree.ts';

/**
 * What `gitmend check` prints: one line per fault with its place, aligned, and one line that sums up.
 * `3 faults, nothing was changed.`
 */
export function printCheck({ faults, warnings }: Checked): string {
  const all = inOrder([...faults, ...warnings]);
  const width = Math.max(0, ...all.map((fault) => plain(placeOf(fault)).length));
  const lines = all.map((fault) => `${plain(placeOf(fault)).padEnd(width)} ${words(fault)}`);
  return [...lines, sum(faults.length, warnings.length)].join('\n') + '\n';
}

function words(fault: Fault): string {
  return plain(fault.severity === 'warning' ? `warning: ${sayFault(fault)}` : sayFault(fault));
}

function sum(faults: number, warnings: number): string {
  const counted = (count: number, what: string): string =>
    `${count === 0 ? 'no' : count} ${what}${count === 1 ? '' : 's'}`;
  const also = warnings === 0 ? '' : `, ${counted(warnings, 'warning')}`;
  if (faults === 0) return `No faults${also}.`;
  return `${counted(faults, 'fault')}${also}, nothing was changed. \`gitmend explain CONFIG_INVALID\` says more.`;
}

/** File names are outside text too: nothing in them may move a terminal's cursor. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?');
}
