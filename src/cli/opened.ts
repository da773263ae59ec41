import { showPlan } from '../deliver/show.ts';
import type { Truth } from '../deliver/truth.ts';
import type { World } from '../deliver/world.ts';
import type { PullRequest } from '../forges/forge.ts';
import { plainText } from '../records/escape.ts';
import type { CliContext } from './context.ts';
import { shownLine } from './plan-line.ts';

/** Says what a command has opened, and plans it. With `runner: ci` plans are CI's, and what was just opened starts it. */
export async function sayOpened(context: CliContext, world: World, truth: Truth, opened: PullRequest): Promise<void> {
  context.print(plainText(`#${opened.number} ${opened.title}`, 1000));
  if (truth.rules.config?.runner !== 'ci')
    context.print(plainText(shownLine(opened.number, await showPlan(world, truth, opened)), 1000));
}
