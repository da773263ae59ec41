import type { Asked } from '../../commands/parse.ts';
import type { Truth } from '../../deliver/truth.ts';
import type { World } from '../../deliver/world.ts';
import type { PullRequest, SaidComment } from '../../forges/forge.ts';

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
