import type { Machine } from '../../src/ledger/holder.ts';

/** One computer of a test, with processes that come and go. */
export interface Computer {
  /** A new process on it; its pid is never used again. */
  process(): Machine;
  /** The process is no more. */
  kill(machine: Machine): void;
}

/** A computer with one boot and one pid namespace; `name` makes it another one. */
export function computer(name = 'bench'): Computer {
  const alive = new Map<number, string>();
  let last = 1000;
  return {
    process() {
      last += 1;
      const pid = last;
      const started = String(50_000 + pid);
      alive.set(pid, started);
      return {
        host: name,
        machine: `machine-of-${name}`,
        boot: `boot-of-${name}`,
        pidNamespace: `pid:[${name}]`,
        pid,
        started,
        startOf: async (wanted) => alive.get(wanted),
      };
    },
    kill: ({ pid }) => void alive.delete(pid),
  };
}
