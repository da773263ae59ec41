import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Around, filled, type Hands, type Result, runSteps, type Step } from './ci-step.ts';

/** An action.yml, as far as an action of steps says it (docs.github.com, Metadata syntax for GitHub Actions). */
interface ActionFile {
  inputs?: { [name: string]: { default?: string | number | boolean } | null };
  runs: { using: string; steps?: Step[] };
}

/**
 * Runs the steps of a reusable action of its own files in `folder`, in the environment of the step that uses it. An input
 * that is not given is its default or nothing: neither forge holds an action to `required`. Nothing of the caller's contexts
 * but `github` and `runner` can be named in it: no `secrets`, no `vars`.
 */
export async function runComposite(
  folder: string,
  uses: string,
  given: { [name: string]: string },
  { env, context }: Around,
  hands: Hands,
): Promise<Result> {
  const { inputs = {}, runs } = parse(await readFile(join(folder, 'action.yml'), 'utf8')) as ActionFile;
  if (runs.using !== 'composite')
    throw new Error(`the small runner knows actions of steps, and ${uses} is ${runs.using}`);
  const { github, runner } = context;
  const known = { github: { ...(github as object), action_path: folder }, runner };
  const defaults = Object.fromEntries(Object.entries(inputs).map(([name, one]) => [name, one?.default ?? '']));
  const [repository = '', ref = ''] = uses.split('@');
  const said = unexpected(Object.keys(given), Object.keys(inputs));
  const around = {
    env: { ...env, GITHUB_ACTION_PATH: folder, GITHUB_ACTION_REPOSITORY: repository, GITHUB_ACTION_REF: ref },
    context: { ...known, inputs: { ...filled(defaults, known), ...given } },
  };
  const result = await runSteps((runs.steps ?? []).map(withShell), around, hands);
  return { ...result, said: said + result.said };
}

/** Both forges warn of an input that the action does not have, and go on. */
function unexpected(given: readonly string[], known: readonly string[]): string {
  const more = given.filter((name) => !known.includes(name));
  return more.length === 0 ? '' : `Unexpected input(s) ${more.join(', ')}, valid inputs are ${known.join(', ')}\n`;
}

/** In an action a script names its shell: without that GitHub does not load it. */
function withShell(step: Step): Step {
  if (step.run !== undefined && step.shell === undefined)
    throw new Error(`the step ${step.name ?? step.run} names no shell, which an action has to`);
  return step;
}
