/** The numbers of signals.md 2.1, in one place. Fractions of the cap unless the name says otherwise. */
export const rules = {
  /** Step 1: a fault is present from this working set on. */
  presentFrom: 0.9,
  /** Step 3: short from this working set on, whatever pressure says. */
  shortFrom: 0.957,
  /** Fractions of time. */
  pressure: { some: 0.1, full: 0.05 },
  /** An OOM kill counts as present for one hour, in milliseconds. */
  oomPresentFor: 3_600_000,
  windowDays: 14,
  /** Demand above the cap was never seen: 20 % more, 100 MiB at least. */
  unseen: { margin: 1.2, atLeastMiB: 100 },
  seen: { margin: 1.15 },
  deadBand: 1.1,
  most: 2,
  leastShrink: 0.5,
  floorMiB: 256,
  shrinkBelow: 0.6,
  /** A shrink waits this many days after a grow. */
  shrinkAfterGrowDays: 7,
  /** What stays free on the node: the larger of 1 GiB and a tenth. */
  reserve: { bytes: 1024 ** 3, fraction: 0.1 },
  leak: { resets: 3, fall: 0.2, withinSeconds: 1800, alike: 2, daysPerHalf: 5 },
} as const;
