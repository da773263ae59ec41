import type { Edits } from '../core/change-set.ts';
import { isoTime } from '../core/clock.ts';
import type { DeclaredGuest } from '../core/declared-guest.ts';
import type { DriftedValue } from '../core/drifted.ts';
import { isGitmendError } from '../core/errors.ts';
import { branchOf, fingerprintOf } from '../core/fingerprint.ts';
import type { LiveGuest } from '../core/guest.ts';
import { printFault } from '../core/fault.ts';
import type { Target } from '../core/target.ts';
import { editYaml } from '../editors/yaml.ts';
import { removeYaml } from '../editors/yaml-remove.ts';
import type { PullRequest } from '../forges/forge.ts';
import { driftNo, driftProposed, goneProposed, printDrift, printGone } from '../records/drift.ts';
import { parsePullRequest, type PullRequestMarker } from '../records/pull-request.ts';
import { readDeclared } from './declared.ts';
import { commitOfPerson, isStuck, noesTo, openOwn, ownOn } from './own-pull-request.ts';
import type { Truth } from './truth.ts';
import type { World } from './world.ts';

/** What became of one difference. `pullRequest` is the one that is open for it, or that a person closed. */
export interface DriftProposal {
  state: 'opened' | 'updated' | 'unchanged' | 'declined' | 'hands-off' | 'limited' | 'undeclarable';
  pullRequest?: PullRequest;
  why?: string;
}

/** A guest whose values have been otherwise for long enough, or that has been gone for so long: then it has neither. */
export interface Settled {
  target: Target;
  guest: DeclaredGuest;
  live: LiveGuest | undefined;
  values: readonly DriftedValue[];
  /** ISO 8601 UTC. */
  since: string;
}

/** One pull request per guest, whatever fields differ. */
export function driftFingerprint(target: Target): string {
  return fingerprintOf('drift', target, 'size');
}

/** Opens the pull request that accepts what is live, edits it in place where the values changed, or says why not. */
export async function proposeDrift(world: World, truth: Truth, settled: Settled): Promise<DriftProposal> {
  const { target, guest } = settled;
  const fingerprint = driftFingerprint(target);
  const proposed = proposedBy(settled);
  const branch = branchOf('drift', guest.name, fingerprint);
  const before = await ownOn(world, branch);
  const open = before.find(({ state }) => state === 'open');
  const same = open !== undefined && parsePullRequest(open.body)?.proposed === proposed;
  const there = open === undefined ? {} : { pullRequest: open };
  if (open !== undefined && (await commitOfPerson(world, truth.head.commit, open)) !== undefined)
    return { state: 'hands-off', why: `a person has committed to #${open.number}`, ...there };
  const no = same ? undefined : declined(world, before, proposed);
  if (no !== undefined) return no;
  const anew = open !== undefined && (await mustBeMadeAgain(world, truth, open));
  if (same && !anew) return { state: 'unchanged', ...there };
  const limit = open === undefined ? await overBudget(world, truth) : undefined;
  if (limit !== undefined) return { state: 'limited', why: limit };
  const edits = acceptingEdits(truth, settled);
  if (typeof edits === 'string') return { state: 'undeclarable', why: edits, ...there };
  const { title, body } = inWords(settled, fingerprint);
  const wanted = { branch, title, body, labels: ['gitmend', 'drift'], edits, fingerprint };
  const pullRequest = await openOwn(world, wanted, { askedAt: isoTime(world.clock.now()), anew });
  if (pullRequest === undefined) return { state: 'declined', why: 'a person closed it in this moment' };
  world.log('drift', { target, pullRequest: pullRequest.number });
  return { state: open === undefined ? 'opened' : 'updated', pullRequest };
}

function proposedBy({ live, values }: Settled): PullRequestMarker['proposed'] {
  return live === undefined ? goneProposed : driftProposed({ differing: values });
}

function inWords({ guest, live, values, since }: Settled, fingerprint: string): { title: string; body: string } {
  const { name, type, vmid, file, cluster } = guest;
  const about = { name, id: `${type}/${vmid}`, file, fingerprint, since };
  if (live === undefined) return printGone({ ...about, cluster });
  return printDrift({
    ...about,
    node: live.node,
    differing: values,
    ...(live.ha === undefined ? {} : { ha: live.ha }),
  });
}

/** Closed by a person means no until the values differ, or some days; closed by gitmend means nothing. */
function declined(
  world: World,
  before: readonly PullRequest[],
  proposed: PullRequestMarker['proposed'],
): DriftProposal | undefined {
  const no = noesTo(world, before, proposed, driftNo * 86_400_000).at(-1);
  if (no === undefined) return undefined;
  const who = no.pr.closedBy ?? 'a person';
  const why = `${who} closed #${no.pr.number}; asked again after ${isoTime(no.until)}, or with other values`;
  return { state: 'declined', why, pullRequest: no.pr };
}

/** Its branch is gone, or does not go together with the default branch any more. */
async function mustBeMadeAgain(world: World, truth: Truth, open: PullRequest): Promise<boolean> {
  const gone = (await world.repo.tip(`refs/heads/${open.branch}`)) === undefined;
  return gone || isStuck(world, truth.head.commit, open);
}

/** The file with the live values, or without its guest; or why it cannot say them. */
function acceptingEdits(truth: Truth, { guest, live, values }: Settled): Edits | string {
  const { tree } = truth.head;
  if (live === undefined) return new Map([[guest.file, null]]);
  try {
    const text = values.reduce(withValue, tree.get(guest.file) ?? '');
    const { faults } = readDeclared('drift', new Map(tree).set(guest.file, text));
    const fault = faults.find(({ file, severity }) => file === guest.file && severity === 'fault');
    return fault === undefined ? new Map([[guest.file, text]]) : printFault(fault);
  } catch (error) {
    if (!isGitmendError(error, 'CONFIG_INVALID')) throw error;
    return `${guest.file} has to be edited by hand: ${error.message}`;
  }
}

/** A value that the guest does not have any more (an address, by DHCP now) is taken out. */
function withValue(text: string, { field, live }: DriftedValue): string {
  const path = field.split('.');
  return live === null ? removeYaml(text, path) : editYaml(text, [{ path, value: live }]);
}

/** The limits of heal bind drift too, and both count here; drift never takes heal's room. */
async function overBudget({ forge, clock }: World, { rules }: Truth): Promise<string | undefined> {
  const most = (name: 'openPullRequests' | 'perHour') =>
    Math.min(rules.config?.limits[name] ?? Infinity, rules.policies?.limits[name] ?? Infinity);
  const kinds = new Set(['heal', 'drift']);
  const all = await forge.pullRequests({ state: 'all' });
  const own = all.filter((pr) => pr.author === forge.self && kinds.has(parsePullRequest(pr.body)?.kind ?? ''));
  const open = own.filter(({ state }) => state === 'open').length;
  const lately = own.filter(({ createdAt }) => Date.parse(createdAt) > clock.now() - 3_600_000).length;
  if (open >= most('openPullRequests'))
    return `${open} pull requests of heal and drift are open, and the limit is ${most('openPullRequests')}`;
  if (lately >= most('perHour')) return `${lately} were opened within the hour, and the limit is ${most('perHour')}`;
  return undefined;
}
