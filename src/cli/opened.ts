import { isoTime } from '../core/clock.ts';
import type { PlanRecord } from '../core/plan.ts';
import { type OwnPullRequest, openOwn } from '../deliver/own-pull-request.ts';
import { showPlan } from '../deliver/show.ts';
import type { Truth } from '../deliver/truth.ts';
import type { World } from '../deliver/world.ts';
import type { PullRequest } from '../forges/forge.ts';
import { plainText } from '../records/escape.ts';
import type { CliContext } from './context.ts';
import { shownLine } from './plan-line.ts';

/**
 * Says what a command has opened, and plans it; exit 1 where the plan is refused. With `runner: ci` plans are CI's, and
 * what was just opened starts it.
 */
export async function sayOpened(context: CliContext, world: World, truth: Truth, opened: PullRequest): Promise<void> {
  context.print(plainText(`#${opened.number} ${opened.title}`, 1000));
  if (truth.rules.config?.runner === 'ci') return;
  const shown = await showPlan(world, truth, opened).catch((error: unknown) => {
    context.print(
      `#${opened.number} stays open, and is not planned yet; once this is mended: gitmend plan ${opened.number}`,
    );
    throw error;
  });
  context.print(plainText(shownLine(opened.number, shown), 1000));
  if (shown.state === 'shown' && isRefused(shown.record)) context.exit(1);
}

/** Nothing of it will be applied as it is: by a rule, or because Proxmox VE would not take it. */
function isRefused({ refusals, preview }: PlanRecord): boolean {
  return refusals.length > 0 || !preview.accepted;
}

/** Opens what a person asked for at the terminal, says so and plans it; `event` and `targets` are what the log says of it. */
export async function openAsked(
  context: CliContext,
  { world, truth }: { world: World; truth: Truth },
  wanted: OwnPullRequest,
  { event, targets }: { event: string; targets: readonly string[] },
): Promise<void> {
  const pr = await openOwn(world, wanted, { askedAt: isoTime(world.clock.now()) });
  if (pr === undefined) {
    context.print('nothing was opened: a person closed the same in this moment; ask again');
    return;
  }
  world.log(event, { targets, pullRequest: pr.number });
  await sayOpened(context, world, truth, pr);
}
