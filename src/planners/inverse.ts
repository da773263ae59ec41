import type { Facts } from '../core/fact.ts';
import { printBytes, printMebibytes, printPercent, printValues } from '../texts/words.ts';
import type { InverseInput, InverseJudgement } from './predicate.ts';

const mib = 2 ** 20;
/** The old cap must hold the peak with this margin (signals, “Verification after merge”). */
export const margin = 1.15;

/**
 * Whether going back passes the pre-checks of a resize now, whatever remedy or person made the change. Memory: the old cap ≥ 1.15 × the peak working set since the
 * apply, and no memory pressure now; a way back that grows must fit on the node. Cores kill nothing: always.
 */
export function inverseSafe({ facts, back, now, peakSinceApply }: InverseInput): InverseJudgement {
  const oldCap = bytesOf(back['memory']);
  const cap = bytesOf(now['memory']);
  if (oldCap === undefined) return swapOnly(back, facts);
  if (cap !== undefined && oldCap > cap) return growsBack(oldCap - cap, facts);
  if (peakSinceApply === undefined || !(peakSinceApply >= 0)) {
    return unsafe('how much memory is in use since the change was not seen', [
      'an exporter inside the guest, or Proxmox VE answering again',
    ]);
  }
  if (oldCap < margin * peakSinceApply) {
    return unsafe(
      `${printMebibytes(peakSinceApply)} were in use and would not fit into ${printValues({ memory: back['memory'] ?? null })} with a margin of 15 %`,
      larger,
    );
  }
  return (
    pressed(facts) ?? {
      safe: true,
      why: `${printMebibytes(peakSinceApply)} at most were in use, and ${printMebibytes(oldCap)} hold that with a margin of 15 %`,
      helps: [],
    }
  );
}

const larger = ['lower what the programs in it take', 'a larger step'];

function unsafe(why: string, helps: string[]): InverseJudgement {
  return { safe: false, why, helps };
}

/** Nothing but swap or cores goes back. */
function swapOnly(back: InverseInput['back'], facts: Facts): InverseJudgement {
  const wrong = 'swap' in back ? pressed(facts) : undefined;
  return wrong ?? { safe: true, why: 'the way back takes no memory away', helps: [] };
}

/** Pressure that no source here shows blocks nothing (Proxmox VE 8); nothing read at all is not “no pressure”. */
function pressed(facts: Facts): InverseJudgement | undefined {
  if (Object.keys(facts).length === 0) {
    return unsafe('nothing could be read of the guest now', ['Proxmox VE answering again']);
  }
  const some = facts['guest.psi.memory.some']?.value ?? 0;
  const full = facts['guest.psi.memory.full']?.value ?? 0;
  if (some < 0.1 && full < 0.05) return undefined;
  return unsafe(
    `tasks stall on memory ${printPercent(Math.max(some, full))} of the time, and the way back gives it less`,
    larger,
  );
}

/** What was taken from the guest may be somebody else's by now: the growth must fit as any other. */
function growsBack(growth: number, facts: Facts): InverseJudgement {
  const available = facts['node.memory.available']?.value;
  const total = facts['node.memory.total']?.value;
  if (available === undefined || total === undefined)
    return unsafe('how much memory the node has left was not seen', ['Proxmox VE answering again']);
  const left = available - growth;
  const least = Math.max(2 ** 30, total * 0.1);
  if (left < least)
    return unsafe(`the node would keep ${printBytes(Math.max(left, 0))}, less than ${printBytes(least)}`, [
      'memory on the node, or another node',
    ]);
  return { safe: true, why: `the node keeps ${printBytes(left)}`, helps: [] };
}

function bytesOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value * mib : undefined;
}
