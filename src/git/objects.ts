import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { GitmendError } from '../core/errors.ts';
import { fixedOptions, gitEnvironment } from './git.ts';

/** What a name or an id stands for now. Bytes. */
export interface ObjectInfo {
  id: string;
  type: string;
  size: number;
}

/** Reads objects and resolves names in one repository, without a process for each question. */
export interface ObjectReader {
  /** `undefined` where nothing of that name is there. A name is what `git rev-parse` takes. */
  info(name: string): Promise<ObjectInfo | undefined>;
  contents(name: string): Promise<{ id: string; type: string; bytes: Buffer } | undefined>;
}

/** Milliseconds without a question after which git is let go; the next question starts it again. */
const idle = 10_000;
/** Milliseconds that one answer may take. */
const patience = 120_000;
/** Bytes of one object. */
const largest = 256 * 1024 * 1024;

interface Question {
  body: boolean;
  answer: (found: (ObjectInfo & { bytes: Buffer }) | undefined) => void;
  fail: (error: GitmendError) => void;
}

/**
 * One `git cat-file --batch-command` for as long as there are questions: a process of its own for each would take longer to
 * start than to answer, and holds everything else while it starts. Refs are looked up anew each time. It keeps nobody from
 * ending: without a question it counts for nothing, and it ends with whoever started it. Throws GIT_FAILED.
 */
export function objectReader(folder: string): ObjectReader {
  let session: Session | undefined;
  const current = (): Session => {
    if (session?.ended !== false) session = openSession(folder);
    return session;
  };
  const ask = async (verb: 'info' | 'contents', name: string) => {
    if (name === '' || /[\0\n]/.test(name)) return undefined;
    // A Ctrl-C goes to every process of a terminal, and whoever stops in good order still has to read. Once more, then.
    return current()
      .ask(verb, name)
      .catch(() => current().ask(verb, name));
  };
  return {
    async info(name) {
      const found = await ask('info', name);
      return found && { id: found.id, type: found.type, size: found.size };
    },
    contents: (name) => ask('contents', name),
  };
}

interface Session {
  ended: boolean;
  ask(verb: 'info' | 'contents', name: string): Promise<(ObjectInfo & { bytes: Buffer }) | undefined>;
}

function openSession(folder: string): Session {
  const child = spawn('git', [...fixedOptions, '-C', folder, 'cat-file', '--batch-command'], {
    env: gitEnvironment(),
    stdio: 'pipe',
  });
  const waiting: Question[] = [];
  let said = '';
  let timer: NodeJS.Timeout | undefined;
  const session: Session = {
    ended: false,
    ask: (verb, name) =>
      new Promise((answer, fail) => {
        waiting.push({ body: verb === 'contents', answer, fail });
        rest();
        child.stdin.write(`${verb} ${name}\n`);
      }),
  };
  const end = (why: string): void => {
    session.ended = true;
    clearTimeout(timer);
    const error = new GitmendError('GIT_FAILED', `git cat-file ended: ${said.trim().slice(0, 500) || why}`);
    for (const { fail } of waiting.splice(0)) fail(error);
  };
  // While somebody waits this process stays; while nobody does it may end, and git with it.
  const rest = (): void => {
    clearTimeout(timer);
    const busy = waiting.length > 0;
    hold(child, busy);
    timer = busy ? setTimeout(() => child.kill('SIGKILL'), patience) : setTimeout(() => letGo(session, child), idle);
    if (!busy) timer.unref();
  };
  const read = answersIn(waiting);
  child.stdout.on('data', (chunk: Buffer) => {
    if (!read(chunk)) child.kill('SIGKILL');
    else if (!session.ended) rest();
  });
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(0, 2000)));
  child.stdin.on('error', () => undefined);
  child.once('error', ({ message }) => end(message));
  child.once('close', (code, signal) => end(`with ${signal ?? code}`));
  return session;
}

function letGo(session: Session, child: ChildProcessWithoutNullStreams): void {
  session.ended = true;
  child.stdin.end();
}

function hold(child: ChildProcessWithoutNullStreams, busy: boolean): void {
  const pipes = [child, child.stdin, child.stdout, child.stderr] as unknown as { ref(): void; unref(): void }[];
  for (const pipe of pipes) {
    if (busy) pipe.ref();
    else pipe.unref();
  }
}

/** Takes git's answers apart as they come, in the order of the questions. `false`: it said what is no answer. */
function answersIn(waiting: Question[]): (chunk: Buffer) => boolean {
  let held: Buffer[] = [];
  let [length, needed] = [0, 0];
  return (chunk) => {
    held.push(chunk);
    length += chunk.length;
    // A large object comes in many pieces: they are put together once, when they are all there.
    if (length < needed) return true;
    let rest = held.length === 1 ? chunk : Buffer.concat(held);
    for (;;) {
      const one = firstAnswer(rest, waiting[0]);
      if (one === 'none') return false;
      if (typeof one === 'number') {
        [held, length, needed] = [[rest], rest.length, one];
        return true;
      }
      waiting.shift()?.answer(one.found);
      rest = rest.subarray(one.taken);
    }
  };
}

/** The answer at the beginning; the bytes it takes until it is whole; or `none`. */
function firstAnswer(
  text: Buffer,
  question: Question | undefined,
): { found: (ObjectInfo & { bytes: Buffer }) | undefined; taken: number } | number | 'none' {
  const end = text.indexOf(10);
  if (end < 0) return text.length > 65_536 ? 'none' : text.length + 1;
  if (question === undefined) return 'none';
  const line = text.toString('utf8', 0, end);
  const [, id, type, digits] = /^([0-9a-f]{40,64}) (\w+) (\d+)$/.exec(line) ?? [];
  if (id === undefined || type === undefined) {
    // The name comes back with what is wrong with it.
    return / (missing|ambiguous)$/.test(line) ? { found: undefined, taken: end + 1 } : 'none';
  }
  const size = Number(digits);
  if (!question.body) return { found: { id, type, size, bytes: Buffer.alloc(0) }, taken: end + 1 };
  if (size > largest) return 'none';
  const taken = end + 1 + size + 1;
  if (text.length < taken) return taken;
  // A copy: a part of a piece would keep the whole piece in memory.
  return { found: { id, type, size, bytes: Buffer.from(text.subarray(end + 1, taken - 1)) }, taken };
}
