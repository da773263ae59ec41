import { readFile, stat } from 'node:fs/promises';
import { largestSynthesized, readSynthesized, stacksIn, type SynthesizedFile } from '../ci/synthesized.ts';
import { GitmendError, isGitmendError } from '../core/errors.ts';
import type { Ground } from '../deliver/world.ts';
import { stackCode, stackData } from '../synth/index.ts';

type Synthesize = NonNullable<Ground['synthesize']>;

/** What `--synthesized` names. Throws SYNTH_REFUSED. */
export async function readGiven(path: string): Promise<SynthesizedFile> {
  const size = await stat(path).then(
    (found) => (found.isFile() ? found.size : undefined),
    () => undefined,
  );
  if (size === undefined) throw new GitmendError('SYNTH_REFUSED', `${path} is not there: the job synth writes it`);
  // Read only where it is known to be small.
  if (size > largestSynthesized) throw new GitmendError('SYNTH_REFUSED', `${path} has more than 24 MiB`);
  return readSynthesized(await readFile(path, 'utf8'));
}

/**
 * In place of the sandbox, for a job that holds credentials: code of the default branch is run as ever, anything else
 * comes out of the file, or not at all. What comes out of it is judged afterwards like what was synthesized here.
 */
export function givenStacks(
  given: SynthesizedFile | undefined,
  {
    repo,
    forge,
    synthesize,
    synthesizeUntrusted,
  }: Pick<Ground, 'repo' | 'forge' | 'synthesize' | 'synthesizeUntrusted'>,
): Synthesize {
  return async (code, data) => {
    if (await repo.isAncestor(code.commit, `refs/heads/${forge.defaultBranch}`)) {
      const run = approved(synthesize, synthesizeUntrusted);
      return run(code, data);
    }
    if (given === undefined)
      throw new GitmendError(
        'SYNTH_REFUSED',
        'this job was given no synthesized stacks, and runs no code of a pull request',
      );
    const { ok, ...rest } = stacksIn(given, stackCode(code.tree), stackData(data.tree));
    if (ok && 'stacks' in rest) return { ok, stacks: rest.stacks };
    return failure(rest as WhyNot);
  };
}

type WhyNot = Extract<NonNullable<SynthesizedFile['result']>, { ok: false }>;

function failure({ message, code }: Omit<WhyNot, 'ok'>) {
  if (code === 'SANDBOX_MISSING') throw new GitmendError(code, `the job synth: ${message}`);
  return { ok: false as const, message, ...(code === undefined ? {} : { code }) };
}

/** In the sandbox where there is one with its modules, so that both sides of a comparison were made alike. */
function approved(trusted: Synthesize | undefined, locked: Synthesize | undefined): Synthesize {
  return async (code, data) => {
    try {
      const made = await locked?.(code, data);
      if (made !== undefined && (made.ok || made.code !== 'STACK_MODULES_DIFFER')) return made;
    } catch (error) {
      if (!isGitmendError(error, 'SANDBOX_MISSING')) throw error;
    }
    if (trusted === undefined) throw new GitmendError('INTERNAL', 'this job cannot synthesize the default branch');
    return trusted(code, data);
  };
}
