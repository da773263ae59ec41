import type { Config } from '../core/config.ts';
import type { Exposure } from '../forges/forge.ts';

/** The word with which an owner takes the risk, under `accepts:` in gitmend.yaml. */
export const acceptance = 'pushers-can-read-write-secret';

export type ExposureVerdict = { ok: true; why: string } | { ok: false; why: string; mend: string };

/**
 * Whether a write credential may lie in CI: it is given to the default branch's jobs alone, or everyone who can push (and
 * so can have a workflow of their own read it) is an approver, who may merge anyway. What the forge does not tell refuses,
 * unless the rules in force accept it by name. `own`: accounts of gitmend itself.
 */
export function judgeExposure(
  told: Exposure | undefined,
  { approvers, accepts }: Pick<Config, 'approvers' | 'accepts'>,
  own: readonly (string | undefined)[],
): ExposureVerdict {
  if (told?.bound === true) return { ok: true, why: boundWords };
  const may = new Set([...approvers, ...own].flatMap((name) => name?.toLowerCase() ?? []));
  const pushers = told?.pushers ?? [];
  const more = pushers.filter((name) => !may.has(name.toLowerCase()));
  // Somebody must be able to push: a list of nobody is one that this account was not told.
  if (pushers.length > 0 && more.length === 0) return { ok: true, why: 'everyone who can push may also merge' };
  if (accepts?.includes(acceptance) === true) return { ok: true, why: `gitmend.yaml accepts it: ${acceptance}` };
  return { ok: false, why: pushers.length === 0 ? notTold : whyNot(more), mend };
}

/** The environment exists and has that rule; where else the secret lies, no forge says. */
const boundWords =
  'the environment gitmend is bound to the default branch; keep the write secret there and not in the repository';
const notTold = 'the forge does not tell this account who can push, nor whether the secret is bound';

function whyNot(more: readonly string[]): string {
  const names = more.slice(0, 5).join(', ') + (more.length > 5 ? ` and ${more.length - 5} more` : '');
  const [can, is] = more.length === 1 ? ['can', 'is no approver'] : ['can', 'are no approvers'];
  return `${names} ${can} push a workflow that reads the write secret, and ${is} in gitmend.yaml`;
}

const mend = `bind the secret to the default branch, take write access away, make them approvers, or accept it: accepts: [${acceptance}]`;
