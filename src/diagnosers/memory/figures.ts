import type { FactName } from '../../core/fact.ts';
import type { DiagnosisInput } from '../diagnoser.ts';

/** How much is in use, and what that figure is worth. */
export interface Usage {
  bytes: number;
  /**
   * `exact`: the working set including shared memory. `at-least`: an LXC's `mem`, which leaves shared memory out.
   * `at-most`: a VM's `mem` with balloon statistics, which counts its page cache. `nothing`: a VM's without them.
   */
  worth: 'exact' | 'at-least' | 'at-most' | 'nothing';
  from: FactName[];
}

/** The live figures of one guest's memory. Bytes and fractions; absent means not observed. */
export interface Figures {
  vm: boolean;
  cap: number;
  usage: Usage;
  swapUsed: number | undefined;
  swapCap: number | undefined;
  cache: number | undefined;
}

/** Reads the figures that every later step uses. Only called once the cap is known. */
export function figuresOf(input: DiagnosisInput, cap: number): Figures {
  const { facts, guest } = input;
  return {
    vm: guest.type === 'qemu',
    cap,
    usage: guest.type === 'qemu' ? usageOfVm(input, cap) : usageOfContainer(input),
    swapUsed: facts['guest.swap.used']?.value,
    swapCap: facts['guest.swap.cap']?.value,
    cache: facts['guest.memory.cache']?.value,
  };
}

function usageOfContainer({ facts }: DiagnosisInput): Usage {
  const workingSet = facts['guest.memory.workingSet']?.value;
  if (workingSet !== undefined) return { bytes: workingSet, worth: 'exact', from: ['guest.memory.workingSet'] };
  const used = facts['guest.memory.used']?.value;
  return { bytes: used ?? 0, worth: used === undefined ? 'nothing' : 'at-least', from: ['guest.memory.used'] };
}

// What the VM's kernel reserves for itself counts as used, so the working set is what it has minus what is available.
function usageOfVm({ facts }: DiagnosisInput, cap: number): Usage {
  const available = facts['guest.memory.available']?.value;
  if (available !== undefined) {
    const current = facts['guest.memory.current']?.value ?? cap;
    return { bytes: current - available, worth: 'exact', from: ['guest.memory.current', 'guest.memory.available'] };
  }
  const used = facts['guest.memory.used']?.value;
  const balloon = facts['guest.memory.balloonStats']?.value === true;
  const from: FactName[] = ['guest.memory.used', 'guest.memory.balloonStats'];
  return { bytes: used ?? 0, worth: balloon && used !== undefined ? 'at-most' : 'nothing', from };
}
