import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { CiJob } from '../ci/job.ts';
import { codeDigest, dataDigests, printSynthesized, type SynthesizedFile } from '../ci/synthesized.ts';
import { readConfig } from '../config/read.ts';
import type { Tree } from '../core/change-set.ts';
import { isGitmendError } from '../core/errors.ts';
import { gitIn } from '../git/git.ts';
import { historyOf } from '../git/history.ts';
import { objectReader } from '../git/objects.ts';
import { plainText } from '../records/escape.ts';
import { stackCode, stackData, synthesizeUntrusted } from '../synth/index.ts';
import { jobOf } from './ci.ts';
import type { CliContext } from './context.ts';
import { ownModules } from './ground.ts';

/**
 * `gitmend synth --ci --out FILE`: what merging the checkout gives is synthesized in the sandbox, where its stack code
 * changes, and written down for the job that plans. Holds nothing: no token is read. What the code does wrong is in the
 * file, for the plan to say it, and the job is green.
 */
export async function synthInCi(context: CliContext, directory: string, out: string): Promise<void> {
  const { env, print } = context;
  const job = await jobOf(context);
  const { file, said } = await fileOf(context, job, resolve(env['GITHUB_WORKSPACE'] ?? '.', directory));
  const path = handedOver(job, out);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, printSynthesized(file));
  // One line, so that what stack code said cannot begin one that the runner of the job obeys.
  print(plainText(said, 1000));
}

/** Beside the checkout, which may hold a link under any name: in the folder that the runner empties. */
export function handedOver({ temporary = '.' }: Pick<CiJob, 'temporary'>, path: string): string {
  return resolve(temporary, path);
}

async function fileOf(
  { env }: CliContext,
  { event }: CiJob,
  folder: string,
): Promise<{ file: SynthesizedFile; said: string }> {
  const git = gitIn(folder);
  const head = (await git(['rev-parse', '--verify', 'HEAD^{commit}'])).stdout.trim();
  const nothing = (why: string) => ({
    file: { version: 1 as const, head, code: codeDigest(new Map()), data: {}, result: null },
    said: `nothing was run: ${why}`,
  });
  if (event.kind !== 'pull-request') return nothing('this job is of no pull request');
  // The template starts no job for one; whoever wrote the job by hand may have left that out.
  if (event.fork) return nothing('it comes from a fork');
  const merged = await mergedTrees(folder, head, env['GITHUB_BASE_REF'] ?? '');
  if (merged === undefined) return nothing('it conflicts with its base, which the plan says');
  const [code, data] = [stackCode(merged.after), stackData(merged.after)];
  if (codeDigest(code) === codeDigest(stackCode(merged.base))) return nothing('stacks/ does not change');
  if (!isAsked(merged.base)) return nothing('gitmend.yaml does not say terraform.stackCode: sandbox');
  const result = await synthesized(env, merged.after);
  const file = { version: 1 as const, head, code: codeDigest(code), data: dataDigests(data), result };
  if (!result.ok) return { file, said: `${result.code ?? 'SYNTH_FAILED'}: ${result.message}` };
  return { file, said: `synthesized of ${head.slice(0, 7)}: ${Object.keys(result.stacks).join(', ')}` };
}

/** The base as it is fetched, and what merging gives. The checkout needs its history (fetch-depth: 0). */
async function mergedTrees(
  folder: string,
  head: string,
  base: string,
): Promise<{ base: Tree; after: Tree } | undefined> {
  const git = gitIn(folder);
  const history = historyOf(git, objectReader(folder));
  const ours = `refs/remotes/origin/${base}`;
  const args = ['merge-tree', '--write-tree', '--name-only', '--no-messages', ours, head];
  const { code, stdout } = await git(args, { accept: [0, 1] });
  if (code === 1) return undefined;
  return { base: await history.tree(ours), after: await history.tree(stdout.trim()) };
}

/** Rules are the base's: a pull request cannot switch it on for itself. */
function isAsked(base: Tree): boolean {
  const read = readConfig(base.get('gitmend.yaml') ?? '');
  return read.ok && read.value.terraform?.stackCode === 'sandbox';
}

async function synthesized(env: CliContext['env'], tree: Tree): Promise<NonNullable<SynthesizedFile['result']>> {
  const modules = env['GITMEND_STACK_MODULES'] ?? ownModules();
  try {
    const made = await synthesizeUntrusted({ code: tree, data: tree, modules, node: process.execPath, timeout: 60 });
    return made.ok ? { ok: true, stacks: made.stacks as { [stack: string]: { [key: string]: unknown } } } : made;
  } catch (error) {
    if (!isGitmendError(error, 'SANDBOX_MISSING')) throw error;
    return { ok: false, code: 'SANDBOX_MISSING', message: error.message.slice(0, 4000) };
  }
}
