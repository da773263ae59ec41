/** How a run ended. The same words in comment, record, log, metric and docs (docs/outcomes.md). */
export const runOutcomes = {
  adopted: 'gitmend met this repository for the first time: what is live already equals what is declared',
  verified: 'applied, and observed for the whole window to be well',
  'not-verified': 'applied, and the fault is still there (or another one is)',
  inconclusive: 'applied, and the looks that would tell could not be made',
  superseded: 'a later run changed the same thing before this one was verified',
  regressed: 'verified, and the fault came back within the watch',
  'not-applied': 'stopped before any effect, with the reason',
  unknown: 'an effect may or may not have happened: a person must look',
} as const;
export type RunOutcome = keyof typeof runOutcomes;

/** How a diagnosis ended. */
export const diagnosisOutcomes = {
  proposed: 'the cause is known and a remedy was proposed as a pull request',
  'no-change': 'nothing needs to change, with the facts that say so',
  'report-only': 'something is wrong that no change of ours would put right',
  unknown: 'the evidence does not decide, or the target cannot be pinned to one place',
} as const;
export type DiagnosisOutcome = keyof typeof diagnosisOutcomes;

/** Why a merged change was not applied. */
export const stopReasons = {
  stale: 'what is live, or declared, is no longer what the plan started from',
  expired: 'the plan had expired when it was merged',
  'comment-tampered': 'the plan comment is not what the plan record prints',
  'plan-tampered': 'the plan record does not hold what was shown and what must be done',
  'journal-tampered': 'the journal of the run claims effects that cannot be observed',
  'tree-mismatch': 'what was merged is not the approved head on its base',
  'plan-replaced': 'the plan was replaced by a different one less than 60 s before the merge',
  refused: 'Proxmox, or a rule in force, refuses the change now',
} as const;
export type StopReason = keyof typeof stopReasons;

/** What is on the default branch and not (yet) applied. */
export const waitingStates = {
  pending: 'merged as approved and not yet applied',
  unapproved: 'on the default branch, but not by an approved pull request: shown, never applied',
} as const;
export type WaitingState = keyof typeof waitingStates;

/** Things found amiss on the way that do not end a run, but are always named. */
export const findings = {
  'pointer-tampered': 'refs/gitmend/applied did not follow from the records and was rebuilt from them',
  'records-tampered': 'the chain of records is broken or its tip went back; nothing is applied until a person looks',
} as const;
export type Finding = keyof typeof findings;
