import { isGitmendError } from '../core/errors.ts';
import { waitsToMerge } from '../deliver/automatic.ts';
import { sayNoticed } from '../deliver/show.ts';
import { type ShownLately, shownLately } from '../deliver/shown-lately.ts';
import { lookedAt } from '../pipeline/deliver.ts';
import type { Picture, Problem } from '../web/view/picture.ts';
import type { LoopsSetup } from './loops.ts';
import { fetchedAlready, type Moved, movedIn, Pending, type RemoteRefs, remoteRefs } from './moved.ts';
import { boxes, observe, problemOf } from './observe.ts';

/** Milliseconds. A local forge is asked every second whether anything moved; another one is not to be bothered so. */
const glance = { local: 1_000, remote: 15_000 };
/** The same in a storm: what it moves is known, and what people do pokes. */
const glanceInStorm = 5_000;
/** Milliseconds after which everything is planned again though git and the forge say nothing: the live side may have moved. */
const atLeast = 20_000;
/** Planning everything takes no more than one part in this many of the time, however many are open. */
const share = 10;
/** Pull requests of which it is said at once that they were noticed. */
const mostNoticed = 5;

export interface Glances extends Pick<LoopsSetup, 'ground' | 'store' | 'metrics' | 'log' | 'clock'> {
  /** Whether signals come in faster than one by one: then what they move is planned when it is time, not every time. */
  crowded: () => boolean;
  take: () => Picture;
  put: (picture: Picture) => void;
  /** The refs of the remote as they are now. */
  refs?: () => Promise<RemoteRefs>;
}

/**
 * Looks whether anything moved, and plans it when it did: the pull requests that changed where only those did, every one
 * when what concerns them all moved, when it was asked to, or when it is time.
 */
export function glances(setup: Glances) {
  const { ground, store, clock, take, put, crowded } = setup;
  const pending = new Pending();
  const lately = shownLately(clock);
  const look = looking(setup);
  let due = 0;
  const pass = async (): Promise<number> => {
    const { moved: seen, refs, noticed } = await look();
    pending.add(seen);
    const begun = clock.now();
    if (begun >= due) pending.add('all');
    if (begun >= due || !(pending.empty || crowded())) {
      // Taken before: what moves while the pass is under way, its own writes among it, is looked at once more.
      const moved = pending.take();
      if (moved === 'all') due = begun + atLeast;
      const went = await plan(refs ? { ...setup, ground: fetchedAlready(ground, refs) } : setup, moved, lately);
      // Unless somebody asked for another one meanwhile.
      if (due !== 0) due = went ? restAfter(moved, due, begun, clock.now()) : clock.now() + atLeast;
    } else {
      const counted = await boxes(store);
      put({ ...take(), ...counted });
    }
    await noticed;
    const usual = ground.forge.kind === 'local' ? glance.local : glance.remote;
    return crowded() ? Math.max(usual, glanceInStorm) : usual;
  };
  return {
    pass,
    again: () => (due = 0),
    /** Somebody's check came to an end: what waits for it is looked at, and nothing else. */
    checks: () => pending.add(waitingForChecks(take(), ground.forge.self)),
  };
}

/** What gitmend merges by itself as soon as everything is green. Its own checks come to their end too, and tell the same. */
function waitingForChecks({ open }: Picture, self: string): number[] {
  return open
    .filter(({ pr, plan }) => plan?.head === pr.head && waitsToMerge(self, pr, plan))
    .map(({ pr }) => pr.number);
}

/** When everything is planned again: the more there is, the less often. Milliseconds. */
function restAfter(moved: Moved, due: number, begun: number, now: number): number {
  return moved === 'all' ? Math.max(due, now + (now - begun) * share) : due;
}

interface Look {
  moved: Moved;
  /** The refs of the remote a moment ago, which the mirror is at; absent where that could not be asked. */
  refs: RemoteRefs | undefined;
  /** Ends when what was noticed is said; the planning does not wait for it. */
  noticed: Promise<void>;
}

/** What moved since the last look. Where git or the forge does not answer, or does so again, everything may have. */
function looking({ ground, take, refs: ask = () => remoteRefs(ground) }: Glances): () => Promise<Look> {
  const { forge } = ground;
  let [refs, cursor]: [RemoteRefs | undefined, string | undefined] = [undefined, undefined];
  let away = false;
  return async () => {
    let noticed = Promise.resolve();
    const [told, now] = await Promise.allSettled([
      forge.changedSince(cursor).then((changed) => {
        if (cursor !== undefined) noticed = notice(ground, take(), changed.numbers);
        noticed.catch(() => undefined);
        return changed;
      }),
      ask(),
    ]);
    const read = now.status === 'fulfilled' ? now.value : undefined;
    const answer = (moved: Moved): Look => ({ moved, refs: read, noticed });
    const [before, known, wasAway] = [refs, cursor, away];
    away = told.status === 'rejected' || now.status === 'rejected';
    if (told.status === 'fulfilled') cursor = told.value.cursor;
    if (now.status === 'fulfilled') refs = now.value;
    // The pass that begins now says what is amiss; after it, the ones that are due do.
    if (told.status === 'rejected' || now.status === 'rejected') return answer(wasAway ? [] : 'all');
    if (before === undefined || known === undefined || wasAway) return answer('all');
    const open = take().open.map(({ pr }) => pr);
    const moved = movedIn(before, now.value, open, forge.defaultBranch);
    return answer(moved === 'all' ? 'all' : [...moved, ...told.value.numbers]);
  };
}

/**
 * Says at once of what people have just opened or pushed to that it was noticed; its plan takes longer. Never fatal: whoever
 * plans says it too. With `runner: ci` it is for the job to say.
 */
async function notice({ forge, log }: Glances['ground'], { truth, open }: Picture, numbers: readonly number[]) {
  const config = truth?.rules.config;
  if (forge.kind === 'local' || config === undefined || config.runner === 'ci' || numbers.length > mostNoticed) return;
  const planned = new Map(open.map(({ pr, plan }) => [pr.number, plan?.head]));
  const noticeOne = async (number: number): Promise<void> => {
    const [pr] = await lookedAt(forge, [number]);
    if (pr?.state === 'open' && planned.get(number) !== pr.head) await sayNoticed({ forge }, pr);
  };
  const said = await Promise.allSettled(numbers.map(noticeOne));
  for (const one of said) {
    if (one.status === 'fulfilled') continue;
    if (!isGitmendError(one.reason)) throw one.reason;
    log('notice-failed', { code: one.reason.code, message: one.reason.message });
  }
}

/** `false`: it failed, and the picture says why. */
async function plan(
  { ground, store, metrics, log, clock, take, put }: Glances,
  moved: Moved,
  lately: ShownLately,
): Promise<boolean> {
  const stop = metrics.planned.startTimer();
  try {
    const next = await observe(ground, store, take(), moved === 'all' ? undefined : moved, lately);
    // What was diagnosed meanwhile is newer than the picture that was begun before.
    put({ ...next, seen: take().seen });
    metrics.passes.inc({ loop: 'planning', result: 'done' });
    return true;
  } catch (error) {
    const problem = { ...problemOf(error, clock.now()), ...sinceOf(take(), error) };
    if (take().problem?.message !== problem.message) log('planning-failed', { ...problem }, 'error');
    metrics.passes.inc({ loop: 'planning', result: problem.code });
    put({ ...take(), problem });
    return false;
  } finally {
    stop();
  }
}

/** The same trouble as before goes on; another one begins now. */
function sinceOf({ problem }: Picture, error: unknown): Partial<Problem> {
  const code = isGitmendError(error) ? error.code : 'INTERNAL';
  return problem?.code === code ? { since: problem.since } : {};
}
