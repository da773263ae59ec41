import { chmod, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tree } from '../core/change-set.ts';
import { isGitmendError } from '../core/errors.ts';
import { digestOf } from '../core/json.ts';
import { stackCode, stackData, writeFiles } from './folder.ts';
import type { SynthesisInput, Synthesized } from './index.ts';
import { modulesDiffer } from './modules.ts';
import { collected, type Texts, texts } from './result.ts';
import { failure, tooLate } from './run.ts';
import { findSandbox, inside, limits, makeFolders, type Mechanism, type Sandbox } from './sandbox/index.ts';

/** As `SynthesisInput`, and `code` may be of any tree, one under review too. */
export interface UntrustedInput extends SynthesisInput {
  /** Only this way of locking in; otherwise whichever this machine has. */
  mechanism?: Mechanism;
}

const script = 'stacks/main.ts';

/** One after the other: each may use all that the limits allow, and they are of one account. */
let turn: Promise<unknown> = Promise.resolve();

/**
 * Runs stack code that nobody has approved on a tree's data: without network, environment, or anything of this machine
 * but Node, the modules and its own files, and twice, because what differs between two runs cannot be approved. Never
 * throws for what the code does. Throws SANDBOX_MISSING where this machine cannot lock it in: it is never run unprotected.
 */
export async function synthesizeUntrusted(input: UntrustedInput): Promise<Synthesized> {
  const code = stackCode(input.code);
  const data = stackData(input.data);
  const others = await modulesDiffer(code, input.modules);
  if (others.length > 0) return { ok: false, code: 'STACK_MODULES_DIFFER', message: listed(others) };
  const key = digestOf({ code: [...code], data: [...data], sandbox: true });
  const known = input.cache?.get(key);
  if (known !== undefined) return known;
  if (!code.has(script)) return { ok: false, message: `${script} is missing` };
  const sandbox = await findSandbox(input.node, input.mechanism);
  const run = turn.then(async () => runTwice(sandbox, new Map([...data, ...code]), input));
  turn = run.catch(() => undefined);
  const result = await run;
  if (result.ok) input.cache?.set(key, result);
  return result;
}

function listed(others: readonly string[]): string {
  const [shown, left] = [others.slice(0, 10).join('; '), others.length - 10];
  return `stacks/package-lock.json names other modules than this machine has: ${shown}${left > 0 ? `; and ${left} more` : ''}`;
}

type Run = { ok: true; texts: Texts } | { ok: false; message: string };

async function runTwice(sandbox: Sandbox, files: Tree, input: UntrustedInput): Promise<Synthesized> {
  try {
    const first = await runOnce(sandbox, files, input);
    if (!first.ok) return first;
    // Whatever is no stack is said before anything else is run.
    const stacks = collected(first.texts);
    const again = await runOnce(sandbox, files, input);
    const differs = again.ok ? differing(first.texts, again.texts) : `it failed: ${again.message}`;
    return differs === undefined
      ? { ok: true, stacks }
      : { ok: false, code: 'SYNTH_UNSTABLE', message: `run again on the same data, ${differs}` };
  } catch (error) {
    if (isGitmendError(error, 'SYNTH_FAILED')) return { ok: false, message: error.message };
    throw error;
  }
}

function differing(first: Texts, again: Texts): string | undefined {
  const names = [...new Set([...first.keys(), ...again.keys()])].filter((name) => first.get(name) !== again.get(name));
  if (names.length === 0) return undefined;
  return `it wrote something else for ${names.length === 1 ? 'stack' : 'the stacks'} ${names.join(', ')}`;
}

async function runOnce(sandbox: Sandbox, files: Tree, { modules, timeout }: UntrustedInput): Promise<Run> {
  const { outer, ...folders } = await makeFolders();
  try {
    writeFiles(folders.work, files);
    await letRead(folders.work);
    const args = [inside.collect, script, String(limits.heap), String(limits.result)];
    const ended = await sandbox.run(args, { ...folders, modules }, timeout);
    return runOf(ended, timeout);
  } finally {
    await rm(outer, { recursive: true, force: true });
  }
}

function runOf(ended: Awaited<ReturnType<Sandbox['run']>>, timeout: number): Run {
  if (ended.how === 'not-started') return { ok: false, message: `the sandbox could not be started: ${ended.why}` };
  if (ended.how === 'late') return { ok: false, message: tooLate(script, timeout) };
  if (ended.how === 'too-much') return { ok: false, message: 'the stacks are larger than 16 MiB together' };
  const result = texts(ended.output);
  if (result?.code === 0) return { ok: true, texts: result.texts };
  if (result?.why !== undefined) return { ok: false, message: `${script} could not be started: ${result.why}` };
  return { ok: false, message: failure(script, result?.code ?? null, ended.said, inside.repository) };
}

/** In the sandbox it may be another account. The folder around it is its owner's alone. */
async function letRead(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  await chmod(folder, 0o755);
}
