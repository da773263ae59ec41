import type { CiRun } from '../core/run.ts';

/** What a job of CI was started for. It only says "look at this": what is so is read from git and the forge. */
export type CiEvent =
  /** `fork` as the payload says it; the forge is asked again. */
  | { kind: 'pull-request'; number: number; fork: boolean }
  | { kind: 'push'; ref: string }
  /** By hand, by a comment command, or by another job. Without a number: everything that is open. */
  | { kind: 'dispatch'; pullRequest?: number; anew: boolean }
  | { kind: 'schedule' };

/** A job of GitHub Actions or Gitea Actions, trusted. */
export interface CiJob extends CiRun {
  forge: 'github' | 'gitea';
  event: CiEvent;
  /** Path of the file whose text the run's page shows; absent where there is none. */
  summary?: string;
  /** Folder that the runner empties after the job. */
  temporary?: string;
}

/** The account that a job's own token writes as. */
export const jobAccount: { readonly [kind: string]: string | undefined } = {
  github: 'github-actions[bot]',
  gitea: 'gitea-actions',
};

/** File names of the template's workflows: what a job's token does starts nothing, so one dispatches the next. */
export const workflows = { plan: 'gitmend-plan.yml', apply: 'gitmend-apply.yml' } as const;
