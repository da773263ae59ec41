import { notDone } from '../../commands/answer.ts';
import type { Edits } from '../../core/change-set.ts';
import type { DeclaredGuest } from '../../core/declared-guest.ts';
import { branchOf, fingerprintOf } from '../../core/fingerprint.ts';
import { digestOf, type Json, sameValue } from '../../core/json.ts';
import { runId } from '../../core/run.ts';
import type { Facts } from '../../core/fact.ts';
import { type GuestTarget, parseGuestTarget, type Target } from '../../core/target.ts';
import { fileValue, isLifeField, isSizeField } from '../../declarations/guest/index.ts';
import { entriesOf } from '../../deliver/entries.ts';
import { openOwn } from '../../deliver/own-pull-request.ts';
import type { Truth } from '../../deliver/truth.ts';
import type { World } from '../../deliver/world.ts';
import { editYaml } from '../../editors/yaml.ts';
import { predicateOf } from '../../planners/index.ts';
import { escapeBold, escapeText } from '../../records/escape.ts';
import { body } from '../../records/pull-request.ts';
import { sentence } from '../../records/sentence.ts';
import { printChange } from '../../texts/words.ts';
import { planOpened } from './half.ts';
import type { AskedOnPullRequest } from './setting.ts';

/** What one step of a run changed. */
interface Done {
  target: Target;
  before: { readonly [field: string]: Json };
  after: { readonly [field: string]: Json };
  /** ISO 8601 UTC. */
  at: string;
}

/** One field of one guest, from what it is to what it was. */
interface Back {
  target: Target;
  guest: DeclaredGuest;
  field: string;
  from: Json;
  to: Json;
}

/**
 * `/rollback`: the pull request that takes back what this one applied, if going back passes the remedy's own pre-checks
 * now. It is planned, shown and approved like every other one.
 */
export async function rollback(here: AskedOnPullRequest): Promise<string> {
  const { world, truth, pr } = here;
  if (pr.state !== 'merged')
    return notDone({ why: `this pull request is ${pr.state}, so nothing of it is applied`, next: '' });
  const { done, remedy } = doneBy(truth, pr.number);
  if (done.length === 0)
    return notDone({
      why: 'nothing that this pull request declares was applied by a run',
      next: '/status says where it stands',
    });
  const back = backOf(truth, done);
  if (typeof back === 'string') return notDone({ why: back, next: 'write the change that you want as a pull request' });
  if (back.length === 0) return notDone({ why: 'everything is declared as before it already', next: '' });
  const unsafe = await judged(here, remedy, done);
  if ('not' in unsafe) {
    const helps = unsafe.helps.length === 0 ? '' : ` What helps: ${escapeText(unsafe.helps.join(', or '), 400)}.`;
    return `**Not done**: the way back is not safe now. ${sentence(unsafe.not)}${helps}`;
  }
  // An approver asks for it now: that somebody said no to the same way back before is no answer to them.
  const opened = await openOwn(world, revert(here, back, unsafe.safe), { askedAt: here.comment.createdAt });
  if (opened === undefined)
    return notDone({
      why: 'a person closed the same way back after the comment was written, or it changes nothing',
      next: 'write it again, if you still want it',
    });
  const follows = await planOpened(world, opened);
  const words = back.map(({ guest, field, from, to }) => `${guest.name} ${printChange(field, from, to)}`).join('; ');
  return `**Way back** #${opened.number}: ${escapeText(words, 300)}. Nothing is changed before somebody merges it.${follows}`;
}

/** From the record of its run; from its journal while it is being verified. */
function doneBy(truth: Truth, number: number): { done: readonly Done[]; remedy: string } {
  const record = truth.records.findLast(
    (stored) => stored.record.pullRequest?.number === number && (stored.record.steps ?? []).length > 0,
  )?.record;
  if (record?.steps !== undefined) return { done: record.steps, remedy: record.remedy ?? '' };
  const unit = truth.units.find(({ pullRequest }) => pullRequest?.number === number);
  if (unit?.approval.approved !== true) return { done: [], remedy: '' };
  const { plan } = unit.approval;
  const journal = truth.journals.find(({ run }) => run === runId(unit.to, plan.actions));
  const past = journal !== undefined && entriesOf(journal, 'verifying').length > 0;
  const applied = journal === undefined ? [] : entriesOf(journal, 'applied');
  const done = plan.steps.map((step, index) => ({ ...step, at: applied.find((one) => one.index === index)?.at ?? '' }));
  return { done: past ? done : [], remedy: plan.remedy };
}

/** Only what is still declared as this one declared it; what somebody changed since is theirs. */
function backOf(truth: Truth, done: readonly Done[]): Back[] | string {
  const back: Back[] = [];
  for (const { target, before, after } of done) {
    const guest = truth.head.guests.get(target);
    if (guest === undefined) return `${target} is not declared any more`;
    for (const [was, reached] of Object.entries(after)) {
      const { field, value } = fileValue(was, reached);
      const to = before[was] === undefined ? undefined : fileValue(was, before[was]).value;
      const now = guest[field as keyof DeclaredGuest];
      if (sameValue(now, to)) continue;
      if (!isSizeField(field) && !isLifeField(field)) return `${field} of ${guest.name} is not taken back by itself`;
      if (!sameValue(now, value)) return `${field} of ${guest.name} was changed again since`;
      if (typeof to !== 'number' && typeof to !== 'boolean' && (typeof to !== 'string' || field !== 'node'))
        return `${field} of ${guest.name} was not set before`;
      back.push({ target, guest, field, from: value, to });
    }
  }
  return back;
}

type Judged = { safe: string } | { not: string; helps: readonly string[] };

async function judged({ world }: AskedOnPullRequest, remedy: string, done: readonly Done[]): Promise<Judged> {
  let why = '';
  for (const { target, before, after, at } of done) {
    const identity = parseGuestTarget(target);
    if (identity === undefined) return { not: `${target} is not a guest`, helps: [] };
    const { live, facts } = await world.look(identity);
    const peakSinceApply = await peakSince(world, { target, guest: identity, node: live.node }, facts, at);
    const one = predicateOf(remedy).inverseSafe({ facts, back: before, now: after, peakSinceApply });
    if (!one.safe) return { not: one.why, helps: one.helps };
    why ||= one.why;
  }
  return { safe: why };
}

/** Milliseconds: histories are maxima of half hours, so one that is younger may not be in them yet. */
const young = 3_600_000;

/**
 * Most memory in use since the apply, in bytes: what is in use now, and the history from then on. `undefined` where the
 * present is not seen, or a history that there must be by now.
 */
async function peakSince(
  world: World,
  place: { target: Target; guest: GuestTarget; node: string },
  facts: Facts,
  at: string,
): Promise<number | undefined> {
  const [now, from] = [world.clock.now(), Date.parse(at)];
  const days = Math.max(1, Math.ceil((now - from) / 86_400_000));
  const asked = { ...place, facts: ['guest.memory.history' as const], days };
  const { facts: past } = await world.gather(asked);
  const history = (past['guest.memory.history']?.value.points ?? []).flatMap(([time, value]) =>
    time * 1000 >= from ? [value] : [],
  );
  const present = facts['guest.memory.workingSet']?.value ?? facts['guest.memory.used']?.value;
  if (present === undefined || (history.length === 0 && now - from > young)) return undefined;
  return Math.max(present, ...history);
}

function revert({ truth, pr, comment }: AskedOnPullRequest, back: readonly Back[], safe: string) {
  const [first] = back as [Back, ...Back[]];
  // The same identity as the way back that gitmend proposes by itself: there is never a second one.
  const fingerprint = fingerprintOf('revert', first.target, back.map(({ field }) => field).join('+'));
  const edits: Edits = back.reduce((all, { guest, field, to }) => {
    const text = all.get(guest.file) ?? truth.head.tree.get(guest.file) ?? '';
    return new Map(all).set(guest.file, editYaml(text, [{ path: [field], value: to }]));
  }, new Map<string, string>());
  const words = back.map(({ field, from, to }) => printChange(field, from, to)).join(', ');
  const where = `${first.guest.type}/${first.guest.vmid} on ${first.guest.node}`;
  return {
    branch: branchOf('revert', first.guest.name, fingerprint),
    title: `${first.guest.name}: ${words} (back)`,
    body: body(
      [
        `${escapeText(comment.author, 64)} asked to take back what #${pr.number} applied to ${escapeBold(first.guest.name)} (${escapeText(where, 60)}).`,
        `This proposes the way back: ${escapeBold(words, 200)}. Safe now: ${sentence(safe)}`,
      ],
      {
        ...{ kind: 'revert', remedy: 'revert', fingerprint, of: pr.number },
        proposed: digestOf(Object.fromEntries(back.map(({ field, to }) => [field, to]))),
      },
    ),
    labels: ['gitmend', 'revert'],
    edits,
    fingerprint,
  };
}
