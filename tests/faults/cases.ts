import type { Edits, Ending, FaultLab } from './lab.ts';

/** One thing that goes wrong, and the only state in which it may end. */
export interface FaultCase {
  name: string;
  /** On the default branch before gitmend looks for the first time. */
  begin?: Edits;
  /** What happens, the fault in the middle of it. What else has to be so is demanded here. */
  play: (lab: FaultLab) => Promise<void>;
  ends: Ending;
}

/** The alert was healed: one pull request, one comment of each kind, one apply, one record. */
export const healed: Ending = {
  pulls: ['resize-guest: merged'],
  comments: ['resize-guest: plan, run'],
  applies: ['PUT lxc/200 memory=3072'],
  records: ['resize-guest: verified'],
  locks: [],
};

/** The same beside a person's change of another guest, whose pull request was asked about. */
export const healedBesideByHand: Ending = {
  pulls: ['resize-guest: merged', 'by-hand: merged'],
  comments: ['resize-guest: plan, run', 'by-hand: plan, answer, run'],
  applies: ['PUT lxc/200 memory=3072', 'PUT lxc/201 memory=5120'],
  records: ['resize-guest: verified', 'by-hand: verified'],
  locks: [],
};

/** An edit of `memory:` in a guest's file. */
export const memory =
  (value: number) =>
  (text: string): string =>
    text.replace(/^memory: \d+/m, `memory: ${value}`);

export const nextcloud = (value: number) => ({ 'guests/nextcloud.yaml': memory(value) });
