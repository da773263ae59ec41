import { isGitmendError } from '../core/errors.ts';
import type { Tree } from '../core/change-set.ts';
import { digestOf } from '../core/json.ts';
import type { Ahead } from './ahead.ts';
import { keepingCompiled } from './compiled.ts';
import { layOut, readStacks, stackCode, stackData } from './folder.ts';
import type { SynthesisCache } from './cache.ts';
import { inPrivateFolder } from './private-folder.ts';
import { runNode } from './run.ts';

export { type Ahead, openAhead } from './ahead.ts';
export { diskCache, type SynthesisCache } from './cache.ts';
export { stackCode, stackData } from './folder.ts';
export { findSandbox, type Mechanism, type Sandbox } from './sandbox/index.ts';
export { synthesizeUntrusted, type UntrustedInput } from './untrusted.ts';

export interface SynthesisInput {
  /** Tree of the default branch: only its stacks/ is taken. This is the code that runs. */
  code: Tree;
  /** Tree whose data is synthesized, under review perhaps: only data files are taken, never code. */
  data: Tree;
  /** A node_modules folder with cdktn. */
  modules: string;
  /** Path of the Node binary, 24 or newer. */
  node: string;
  /** Seconds. */
  timeout: number;
  /** Syntheses by digest of code and data, kept by the caller. */
  cache?: SynthesisCache;
  /** A private folder in which the compiled code of modules is kept between runs. */
  compiled?: string;
  /** A Node that may have been started for this already. */
  ahead?: Pick<Ahead, 'run'> | undefined;
}

/** cdk.tf.json by stack, or why there is none, with the file and line that the stack code named. */
export type Synthesized =
  | { ok: true; stacks: { [stack: string]: unknown } }
  /**
   * `SYNTH_UNSTABLE`: two runs in the sandbox wrote something else. `STACK_MODULES_DIFFER`: it was not run, because the
   * lock file names other modules.
   */
  | { ok: false; message: string; code?: 'SYNTH_UNSTABLE' | 'STACK_MODULES_DIFFER' };

/**
 * Runs the default branch's stack code on a tree's data, in a private folder that is removed afterwards, as a child
 * with an empty environment and no input. The same code and data give the same result, so it is kept. Never throws for
 * what the code does; a failure of this machine (no space …) does throw.
 */
export async function synthesize(input: SynthesisInput): Promise<Synthesized> {
  const code = stackCode(input.code);
  const data = stackData(input.data);
  const key = digestOf({ code: [...code], data: [...data] });
  const known = input.cache?.get(key);
  if (known !== undefined) return known;
  const files: Tree = new Map([...data, ...code]);
  const stacks = files.has(script) ? await input.ahead?.run(files) : undefined;
  const result: Synthesized =
    stacks === undefined ? await inPrivateFolder((folder) => synthesizeIn(folder, files, input)) : { ok: true, stacks };
  // A failure may be this machine's (slow, out of memory), so only what succeeded is kept.
  if (result.ok) input.cache?.set(key, result);
  return result;
}

const script = 'stacks/main.ts';

async function synthesizeIn(
  folder: string,
  files: Tree,
  { modules, node, timeout, compiled }: SynthesisInput,
): Promise<Synthesized> {
  if (!files.has(script)) return { ok: false, message: `${script} is missing on the default branch` };
  try {
    layOut(folder, files, modules);
    const ended = await runNode({
      node,
      options: keepingCompiled(compiled),
      script,
      folder,
      timeout,
    });
    if (!ended.ok) return ended;
    return { ok: true, stacks: await readStacks(folder) };
  } catch (error) {
    if (isGitmendError(error, 'SYNTH_FAILED')) return { ok: false, message: error.message };
    throw error;
  }
}
