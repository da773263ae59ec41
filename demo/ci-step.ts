import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ExpressionContext, interpolate } from './ci-expression.ts';

/**
 * One `run:` step: its script, and exactly the environment that it gets; `shell` where the step names one. Resolves with its
 * exit code and its lines.
 */
export type RunStep = (
  script: string,
  env: { [name: string]: string },
  shell?: string,
) => Promise<{ code: number; said: string }>;

export interface Step {
  name?: string;
  run?: string;
  shell?: string;
  uses?: string;
  with?: { [name: string]: unknown };
  env?: { [name: string]: unknown };
}

export interface Result {
  code: number;
  said: string;
  skipped?: true;
}

/** What every step of a job starts from. */
export interface Around {
  env: { [name: string]: string };
  context: ExpressionContext;
}

/** What steps are carried out by. */
export interface Hands {
  step: RunStep;
  /** Does what `uses:` names. */
  action: (uses: string, inputs: { [name: string]: string }, around: Around, hands: Hands) => Promise<Result>;
}

/** One after the other, up to the first that fails. */
export async function runSteps(steps: readonly Step[], around: Around, hands: Hands): Promise<Result> {
  const all = { code: 0, said: '' };
  for (const one of steps) {
    const { code, said } = await runStep(one, around, hands);
    all.said += said;
    all.code = code;
    if (code !== 0) break;
  }
  return all;
}

async function runStep({ run, shell, uses, ...one }: Step, { env, context }: Around, hands: Hands): Promise<Result> {
  const mine = { ...env, ...filled(one.env, context) };
  if (run === undefined) return hands.action(uses ?? '', filled(one.with, context), { env: mine, context }, hands);
  // A script may hold an expression too: it is filled in before any shell reads it, as on both forges.
  const script = interpolate(run, context);
  return withFiles(mine, (given) => hands.step(script, given, shell));
}

/** Texts with their expressions filled in. */
export function filled(
  texts: { [name: string]: unknown } = {},
  context: ExpressionContext,
): { [name: string]: string } {
  return Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, interpolate(String(value), context)]));
}

/** Files by which a step tells the next ones of variables, outputs and paths (docs.github.com, Workflow commands). */
const told = ['GITHUB_ENV', 'GITHUB_OUTPUT', 'GITHUB_PATH', 'GITHUB_STATE'];

/** They are there, empty, for each step. Nothing here is told that way, so whatever is written there is not understood. */
async function withFiles(
  env: { [name: string]: string },
  run: (env: Around['env']) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(env['RUNNER_TEMP'] ?? '', 'commands-'));
  const files = told.map((name) => [name, join(folder, name)] as const);
  for (const [, file] of files) await writeFile(file, '');
  const result = await run({ ...env, ...Object.fromEntries(files) });
  for (const [name, file] of files)
    if ((await readFile(file, 'utf8')) !== '') throw new Error(`the small runner does not know what ${name} is for`);
  return result;
}
