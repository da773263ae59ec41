import type { Asked } from '../../commands/parse.ts';
import type { Truth } from '../../deliver/truth.ts';
import type { World } from '../../deliver/world.ts';
import type { PullRequest, SaidComment } from '../../forges/forge.ts';

/** What the passes over comments and the dashboard stand on beside the ground. */
export interface CommandsSetup {
  cursors: CommandCursors;
  /** With `runner: ci`: starts the workflow that plans. */
  dispatchPlan?: (pullRequest: number, options: { anew: boolean }) => Promise<void>;
  /** Ids of the comments that were reacted to: one memory for commandsPass and reactPass. Losing it costs a request each. */
  reacted?: Set<string>;
}

/** What pollers remember: `src/store/cursors.ts`. */
export interface CommandCursors {
  get(name: string): Promise<string | undefined>;
  set(name: string, value: string): Promise<void>;
  /**
   * Writes a value if `from` is still what is there (`undefined`: nothing is), and says whether it did. Without it two
   * replicas on one store may both begin the same command, within the moment between a reading and a writing.
   */
  swap?(name: string, from: string | undefined, to: string): Promise<boolean>;
}

/** What a command is carried out with: the world and its truth of now, what was asked, where and by whom. */
export interface AskedHere {
  world: World;
  truth: Truth;
  asked: Asked;
  comment: SaidComment;
  /** With `runner: ci`: has CI plan a pull request. */
  dispatchPlan?: (pullRequest: number, options: { anew: boolean }) => Promise<void>;
}

export interface AskedOnPullRequest extends AskedHere {
  pr: PullRequest;
}
