import { isRefusal, type Refusal, refusal } from '../core/change-set.ts';
import type { DeclaredGuest } from '../core/declared-guest.ts';
import type { DriftedValue } from '../core/drifted.ts';
import { branchOf } from '../core/fingerprint.ts';
import type { LiveGuest } from '../core/guest.ts';
import type { Target } from '../core/target.ts';
import { fieldsIn, isSizeField, observedOf, sizeSteps } from '../declarations/guest/index.ts';
import type { PullRequest } from '../forges/forge.ts';
import { driftLine, printRestore } from '../records/drift.ts';
import { applyDeclared } from './apply-declared.ts';
import { driftRules } from './drift.ts';
import { aboutDrift } from './drift-end.ts';
import { leftBecause, lookAt } from './drift-look.ts';
import { driftFingerprint } from './drift-propose.ts';
import { foretold } from './foretold.ts';
import { openOwn, type OwnPullRequest } from './own-pull-request.ts';
import type { Truth } from './truth.ts';
import type { World } from './world.ts';

/** The pull request that restores, and what it changes. */
export interface Restoring {
  pullRequest: PullRequest;
  values: readonly DriftedValue[];
}

/**
 * Opens the pull request that brings back what is declared: an operation `apply-declared` for exactly the live state of
 * now, planned and approved like every other one. A refusal where nothing differs, where something else goes first, or
 * where its plan would be refused.
 */
export async function openRestore(
  world: World,
  truth: Truth,
  target: Target,
  guest: DeclaredGuest,
  askedAt: string,
): Promise<Restoring | Refusal> {
  const left = leftBecause(truth, target, guest);
  if (left !== undefined)
    return refusal('not-drift', `${guest.name} ${left}`, 'gitmend status shows what is open there');
  const look = await lookAt(world, target, guest, driftRules(truth.rules.config) ?? { ignore: [] });
  if (look.state !== 'seen') return refusal('not-seen', `${guest.name} ${look.why}`, 'ask again when that is over');
  const { live, drift } = look;
  if (live === undefined) return notThere(guest);
  const [first] = drift.beyond;
  if (drift.values.length === 0)
    return refusal(
      'nothing-to-restore',
      first === undefined ? `${guest.name} is as declared` : `${guest.name} ${first}, which gitmend does not change`,
      first === undefined ? '' : `bring it in line by hand on ${live.node}, or edit ${guest.file}`,
    );
  const wanted = restoring(
    world,
    truth,
    { target, guest, live, values: drift.values },
    await acceptingOf(world, target),
  );
  if (isRefusal(wanted)) return wanted;
  const against = await refusedAlready(world, truth, wanted, { guest, live, values: drift.values });
  if (against !== undefined) return against;
  const pullRequest = await openOwn(world, wanted, { askedAt });
  if (pullRequest === undefined) return refusal('declined', 'a person closed the same restore since', 'ask again');
  world.log('restore', { target, pullRequest: pullRequest.number });
  return { pullRequest, values: drift.values };
}

/** Nothing makes a guest from a backup here: which one, and to which storage, is a person's to say. */
function notThere({ name, cluster, type, vmid }: DeclaredGuest): Refusal {
  const tool = type === 'lxc' ? `pct restore ${vmid} BACKUP` : `qmrestore BACKUP ${vmid}`;
  return refusal(
    'nothing-to-restore',
    `${name} is not on cluster ${cluster} any more, and gitmend makes no guest from a backup`,
    `${tool}; or accept that it is gone: gitmend import --remove-gone`,
  );
}

interface Drifted {
  target: Target;
  guest: DeclaredGuest;
  live: LiveGuest;
  values: readonly DriftedValue[];
}

/** The open pull request that accepts the same drift, where there is one. */
async function acceptingOf(world: World, target: Target): Promise<number | undefined> {
  const fingerprint = driftFingerprint(target);
  const open = await world.forge.pullRequests({ state: 'open' });
  return aboutDrift(world, open).find(({ marker }) => marker.kind === 'drift' && marker.fingerprint === fingerprint)?.pr
    .number;
}

function restoring(
  world: World,
  truth: Truth,
  { target, guest, live, values }: Drifted,
  accepting: number | undefined,
): OwnPullRequest | Refusal {
  const fields = fieldsIn(values);
  const summary = `drift: ${driftLine(values)}`;
  const changes = applyDeclared(world, truth, { target, name: guest.name, summary, fields, live });
  if (changes === undefined || isRefusal(changes))
    return changes ?? refusal('no-planner', 'this version has no remedy apply-declared');
  const fingerprint = driftFingerprint(target);
  const { title, body } = printRestore({
    ...{ name: guest.name, id: `${guest.type}/${guest.vmid}`, node: live.node, file: guest.file },
    ...{ fingerprint, differing: values, state: observedOf(live, fields) },
    ...(accepting === undefined ? {} : { of: accepting }),
  });
  const branch = branchOf('restore', guest.name, fingerprint);
  return { branch, title, body, labels: ['gitmend', 'restore'], edits: changes.edits, fingerprint };
}

/**
 * What its plan would be refused for, before anything is opened. Sizes are known at once; what else there is is planned,
 * which is what Terraform says of it.
 */
async function refusedAlready(
  world: World,
  truth: Truth,
  wanted: OwnPullRequest,
  { guest, live, values }: Omit<Drifted, 'target'>,
): Promise<Refusal | undefined> {
  const fields = fieldsIn(values);
  if (fields.every(isSizeField)) {
    const steps = sizeSteps(guest, fields, live);
    return isRefusal(steps) ? steps : undefined;
  }
  const planned = await foretold(world, truth, wanted);
  const [first] = planned?.state === 'planned' ? planned.record.refusals : [];
  if (first === undefined || values.length === 1) return first;
  const alone = values.map(({ field, live: value }) => `${field}=${value === null ? '' : String(value)}`).join(' ');
  const next = `${first.next}; what shall stay as it is can be accepted alone: gitmend guest set ${guest.name} with some of ${alone}`;
  return refusal(first.reason, first.message, next);
}
