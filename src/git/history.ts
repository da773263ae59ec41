import { linkText, type Tree } from '../core/change-set.ts';
import { GitmendError } from '../core/errors.ts';
import type { Git } from './git.ts';
import type { ObjectReader } from './objects.ts';
import type { Repository } from './repository.ts';
import { type Entry, entriesOf, nameText } from './tree-entries.ts';

/** Largest text file that gitmend reads from a repository. Bytes. */
export const largestFile = 1024 * 1024;

/** Largest plan record (`plan.json` of a plan, `<run>.plan.json` of a run), which holds every line of what it shows. Bytes. */
export const largestPlan = 16 * 1024 * 1024;

/** First parents that are followed one by one before git is asked for all of them at once. */
const fewSteps = 64;

type History = Pick<Repository, 'tip' | 'treeId' | 'tree' | 'parents' | 'message' | 'committer' | 'firstParents'>;

interface Commit {
  tree: string;
  parents: string[];
  committer: string;
  message: string;
  /** What the message is written in, where that is not UTF-8. */
  encoding: string | undefined;
}

/** What the history holds. What an object id names never changes, so it is read once; a ref, and what failed, again. */
export function historyOf(git: Git, objects: ObjectReader, entries = entriesIn(objects)): History {
  const commitAt = remembered((id) => readCommit(objects, id));
  const treeId = remembered(async (commit) => demanded(await objects.info(`${commit}^{tree}`), commit).id);
  const trees = treesIn(objects, entries);
  const rows = firstParentRows(git, async (id) => (await commitAt(id)).parents[0]);
  return {
    tip: async (ref) => (await objects.info(ref))?.id,
    treeId,
    tree: async (commit) => trees(await treeId(commit)),
    parents: async (commit) => (await commitAt(commit)).parents,
    committer: async (commit) => (await commitAt(commit)).committer,
    async message(commit) {
      const { message, encoding } = await commitAt(commit);
      return encoding === undefined ? message : (await git(['log', '-1', '--format=%B', commit])).stdout.trimEnd();
    },
    firstParents: rows,
  };
}

/** Throws GIT_FAILED where nothing was found. */
export function demanded<T>(found: T | undefined, name: string): T {
  if (found !== undefined) return found;
  throw new GitmendError('GIT_FAILED', `git has no ${name.slice(0, 100)} here`);
}

async function readCommit(objects: ObjectReader, name: string): Promise<Commit> {
  const { type, bytes } = demanded(await objects.contents(`${name}^{commit}`), name);
  const text = bytes.toString();
  const end = text.indexOf('\n\n');
  const header = end < 0 ? text : text.slice(0, end);
  const [, tree] = /^tree ([0-9a-f]+)$/m.exec(header) ?? [];
  if (type !== 'commit' || tree === undefined)
    throw new GitmendError('GIT_FAILED', `${name.slice(0, 100)} is no commit`);
  return {
    tree,
    parents: [...header.matchAll(/^parent ([0-9a-f]+)$/gm)].map(([, id = '']) => id),
    committer: /^committer .*<([^<>\n]*)> \d+ [+-]\d{4}$/m.exec(header)?.[1] ?? '',
    message: end < 0 ? '' : text.slice(end + 2).trimEnd(),
    encoding: /^encoding (?!utf-?8$)(.+)$/im.exec(header)?.[1],
  };
}

/**
 * Rows of first parents. The one that was asked for last is kept, and what grew onto it is followed from its end; what is
 * far from it is git's own to list.
 */
function firstParentRows(git: Git, firstParent: (commit: string) => Promise<string | undefined>) {
  const rows = new Map<string, readonly string[]>();
  const listed = async (from: string | undefined, to: string): Promise<string[]> => {
    const range = from === undefined ? [to] : [to, `^${from}`];
    const { stdout } = await git(['rev-list', '--first-parent', '--reverse', ...range]);
    return stdout.split('\n').filter((line) => line !== '');
  };
  const whole = async (to: string): Promise<readonly string[]> => {
    const newer: string[] = [];
    for (let at: string | undefined = to; newer.length < fewSteps; at = await firstParent(at)) {
      if (at === undefined) return newer.reverse();
      const known = rows.get(at);
      if (known !== undefined) return newer.length === 0 ? known : [...known, ...newer.reverse()];
      newer.push(at);
    }
    return listed(undefined, to);
  };
  // A shallow history ends at a commit that names a parent: git knows that it does.
  const row = (to: string) => whole(to).catch(() => listed(undefined, to));
  return async (from: string | undefined, to: string): Promise<string[]> => {
    if (!isObjectId(to)) return listed(from, to);
    const all = await row(to);
    rows.delete(to);
    rows.set(to, all);
    const [oldest = ''] = rows.keys();
    if (rows.size > mostRows) rows.delete(oldest);
    if (from === undefined) return [...all];
    const at = all.lastIndexOf(from);
    // One that is not in the row may still be behind some of it.
    return at < 0 ? listed(from, to) : all.slice(at + 1);
  };
}

/** Rows that are kept: the default branch, the records, and the plans of a few that are open. */
const mostRows = 32;
/** Commits, folders and texts that are kept, so that memory does not grow with the history. */
const mostKept = 20_000;
/** Whole trees that are kept; what they hold is kept above, once. */
const mostTrees = 100;

export function isObjectId(text: string): boolean {
  return /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

/** The lines of trees by their ids, each read once. */
export function entriesIn(objects: ObjectReader): (id: string) => Promise<readonly Entry[]> {
  return remembered(async (id) => entriesOf(demanded(await objects.contents(id), id).bytes, id.length / 2));
}

/** Text files of trees. What two trees have in common is read and kept once. */
function treesIn(
  objects: ObjectReader,
  entries: (id: string) => Promise<readonly Entry[]>,
): (id: string) => Promise<Tree> {
  const sizeOf = remembered(async (id) => demanded(await objects.info(id), id).size);
  const textOf = remembered(async (id) => decoded(demanded(await objects.contents(id), id).bytes));
  const text = async (id: string, name: string) =>
    (await sizeOf(id)) > (/^(.+\.)?plan\.json$/.test(name) ? largestPlan : largestFile) ? undefined : textOf(id);
  const below = async (id: string, prefix: string): Promise<[string, string][]> => {
    const found = (await entries(id)).map(async (line): Promise<[string, string][]> => {
      const { mode, id: entry } = line;
      const name = nameText(line);
      if (mode === '40000') return below(entry, `${prefix}${name}/`);
      const content = mode === '160000' ? undefined : await text(entry, name);
      const shown = mode === '120000' ? linkText(content ?? '') : content;
      return shown === undefined ? [] : [[`${prefix}${name}`, shown]];
    });
    return (await Promise.all(found)).flat();
  };
  return remembered(async (id) => new Map(await below(id, '')), mostTrees);
}

/** `undefined` for what is not valid UTF-8: it is no text, and gitmend reads only text. */
function decoded(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Asked once for each object id, the last `most` of them; a name that may move, and what failed, is asked for again. */
function remembered<T>(ask: (id: string) => Promise<T>, most = mostKept): (id: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (id) => {
    if (!isObjectId(id)) return ask(id);
    const answer = known.get(id) ?? ask(id);
    known.delete(id);
    known.set(id, answer);
    const [oldest = ''] = known.keys();
    if (known.size > most) known.delete(oldest);
    answer.catch(() => known.delete(id));
    return answer;
  };
}
