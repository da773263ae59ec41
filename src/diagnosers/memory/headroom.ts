import type { FactName } from '../../core/fact.ts';
import type { Conclusion } from '../conclude.ts';
import type { DiagnosisInput } from '../diagnoser.ts';
import { gib, mib, MiB } from '../words.ts';
import { type Bounded, plausible, type Room, roomInWords } from './bounds.ts';

export const nodeFacts: readonly FactName[] = ['node.memory.available', 'node.memory.total', 'node.memory.promised'];

/** The node's room from the facts, or why it cannot be judged. */
export function roomOf({ facts, limits, node }: DiagnosisInput): Room | Conclusion {
  const available = facts['node.memory.available']?.value;
  const total = facts['node.memory.total']?.value;
  const caps = facts['node.memory.promised']?.value;
  if (available === undefined || total === undefined || caps === undefined) {
    const summary = `no evidence to decide by: the memory of ${node} could not be read, so no growth can be judged`;
    const helps = [`give the read token Sys.Audit on /nodes/${node}`];
    return { outcome: 'unknown', rule: 'no-evidence', summary, facts: [...nodeFacts], helps };
  }
  const room = { available, total, caps, promised: limits.promisedByOpenProposals, overcommit: limits.overcommit };
  if (plausible(room)) return room;
  const summary = `the telemetry is at fault: ${node} says ${gib(available)} of ${gib(total)} available`;
  return { outcome: 'unknown', rule: 'telemetry-fault', summary, facts: [...nodeFacts] };
}

/** Short, and the node has no room for it. */
export function noHeadroom(
  input: DiagnosisInput,
  bounded: Bounded & { fits: false },
  room: Room,
  cap: number,
): Conclusion {
  const words = roomInWords(room, bounded.limit);
  const fits = bounded.room > 0 ? `${mib(bounded.room * MiB)} of growth would fit` : 'no growth fits';
  return {
    outcome: 'report-only',
    rule: 'no-headroom',
    summary: `short of memory, and ${input.node} has no headroom: ${mib(cap)} → ${mib(bounded.wanted * MiB)} is needed, ${fits}; ${words}`,
    facts: ['guest.memory.cap', ...nodeFacts],
    helps: [
      `free ${gib((bounded.wanted - cap / MiB - bounded.room) * MiB)} on ${input.node}: stop, shrink or move a guest`,
      `move ${input.name} to a node with room`,
      'lower what the application itself may take',
      ...(bounded.limit === 'caps'
        ? [`allow more than ${room.overcommit} × overcommit in policies/, if the guests never peak together`]
        : []),
    ],
  };
}
