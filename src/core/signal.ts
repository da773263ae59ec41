/** Something observed. Everything in it came from outside: typed, capped, and data only. */
export interface Signal {
  /** Which door it came through. */
  door: 'alertmanager' | 'request' | 'forecast' | 'drift';
  status: 'firing' | 'resolved';
  /** Alert name or the door's word for it. */
  name: string;
  /** Fault family: which diagnoser takes it; `undefined` when nothing tells. */
  family?: string;
  /** `grow` for a fault, `shrink` for a signal that asks for less (underutilised). */
  asks: 'grow' | 'shrink';
  labels: { [label: string]: string };
  annotations: { [name: string]: string };
  /** ISO 8601 UTC. */
  startsAt: string;
  endsAt?: string;
  /** The sender's own identity of the alert, for matching its resolve. */
  fingerprint: string;
  /** How often this same alert was in the delivery or has been seen, ≥ 1. */
  repeats: number;
}
