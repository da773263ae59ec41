/** The numbers of signals.md 2.1, “CPU”, in one place. Fractions of time unless the name says otherwise. */
export const rules = {
  /** Tasks that waited for a CPU, over thirty minutes; and scheduler periods in which a limit held the guest back. */
  pressure: 0.1,
  throttled: 0.25,
  /** Waiting for storage counts as the cause from this share of the waiting for a CPU on. */
  ioShare: 0.5,
  /** The same as a VM's kernel counts it: its CPUs idle while something is read or written. */
  iowait: 0.1,
  /** Taken from a VM by others on its node: then the node is short, not the guest. */
  steal: 0.1,
  /** Memory that is short burns CPU: the thresholds of the memory diagnoser. */
  memory: { some: 0.1, full: 0.05 },
  windowDays: 14,
  percentile: 0.95,
  margin: 1.15,
  most: 2,
  /** Less history decides nothing (KRR). */
  least: { points: 100, hours: 3 },
} as const;
