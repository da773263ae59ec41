import { type Refusal, refusal } from '../core/change-set.ts';
import { isoTime } from '../core/clock.ts';
import type { Target } from '../core/target.ts';
import { freezeAt, nextOpening } from './calendar.ts';
import type { DecideInput } from './decide.ts';
import type { Policies, Rule } from './read.ts';
import { people } from './who.ts';

/** What has happened lately, as the records and the forge say. Times in ISO 8601 UTC. */
export interface History {
  /** When something was last applied to a target. */
  lastAppliedAt: ReadonlyMap<Target, string>;
  /** Open pull requests of heal, and how many it opened within the last hour. */
  openPullRequests: number;
  openedLastHour: number;
  /** Fixes that ended as `not-verified` or `regressed`. */
  failedFixes: readonly { target: Target; at: string }[];
}

/** The circuit breaker: for a day after a failed fix heal leaves the target alone; after three it leaves all alone. */
export const breaker = { seconds: 24 * 3600, everywhere: 3 } as const;

/**
 * Freezes, windows, cooldowns, budgets and the circuit breaker: they bind new proposals of heal only, never a revert, a
 * way out or a person's pull request.
 */
export function boundTimes(input: DecideInput, policies: Policies, rules: readonly Rule[]): Refusal | undefined {
  if (input.origin !== 'heal') return undefined;
  const { now, history, approvers } = input;
  const targets = new Set([...input.steps, ...(input.differences ?? [])].map(({ target }) => target));
  const wait = (reason: string, message: string, until: number) =>
    refusal(reason, message, `heal looks again after ${isoTime(until)}; ${anyway(approvers)}`);
  const freeze = freezeAt(policies.freezes, now);
  if (freeze !== undefined) return wait('frozen', `the freeze "${freeze.name}" is on`, freeze.to);
  for (const rule of rules) {
    const opening = rule.window === undefined ? now : nextOpening(rule.window, now);
    if (opening > now) return wait('outside-window', `the window of the rule "${rule.name}" is closed`, opening);
    for (const target of targets) {
      const last = Date.parse(history.lastAppliedAt.get(target) ?? '');
      const until = last + rule.cooldown * 1000;
      if (until > now)
        return wait(
          'cooldown',
          `${target} was changed at ${isoTime(last)}, and the rule "${rule.name}" waits before the next change`,
          until,
        );
    }
  }
  return tripped(input, history, targets) ?? overBudget(input, policies, history);
}

function tripped(
  { now, approvers }: DecideInput,
  { failedFixes }: History,
  targets: ReadonlySet<Target>,
): Refusal | undefined {
  const recent = failedFixes.filter(({ at }) => Date.parse(at) + breaker.seconds * 1000 > now);
  const here = recent.filter(({ target }) => targets.has(target));
  const counting = here.length > 0 ? here : recent.length >= breaker.everywhere ? recent : [];
  const oldest = counting.map(({ at }) => Date.parse(at)).sort((a, b) => a - b);
  const last = oldest.at(-1);
  if (last === undefined) return undefined;
  const what =
    here.length > 0
      ? `a fix of ${here[0]?.target ?? ''} did not help at ${isoTime(last)}`
      : `${recent.length} fixes did not help within a day`;
  return refusal(
    'circuit-open',
    `${what}, so heal proposes nothing more there for a day`,
    `heal looks again after ${isoTime(last + breaker.seconds * 1000)}; ${anyway(approvers)}`,
  );
}

function overBudget(
  input: DecideInput & { origin: 'heal' },
  policies: Policies,
  history: History,
): Refusal | undefined {
  const open = Math.min(policies.limits.openPullRequests ?? Infinity, input.limits?.openPullRequests ?? Infinity);
  const perHour = Math.min(policies.limits.perHour ?? Infinity, input.limits?.perHour ?? Infinity);
  const next = `${people(input.approvers)} may merge or close one, or raise the limit; ${anyway(input.approvers)}`;
  if (history.openPullRequests >= open)
    return refusal(
      'too-many-open',
      `${history.openPullRequests} pull requests of heal are open, and the limit is ${open}`,
      next,
    );
  if (history.openedLastHour >= perHour)
    return refusal(
      'too-many-per-hour',
      `heal opened ${history.openedLastHour} pull requests within the hour, and the limit is ${perHour}`,
      next,
    );
  return undefined;
}

/** What binds heal binds nobody else. */
function anyway(approvers: readonly string[]): string {
  return `a pull request of ${people(approvers)} is not bound by this`;
}
