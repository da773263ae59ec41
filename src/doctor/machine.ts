import { isGitmendError } from '../core/errors.ts';
import { about, type Finding } from './finding.ts';
import type { Patient } from './patient.ts';

const least = { node: [24, 0], git: [2, 38] } as const;

/** What gitmend runs on: Node.js, git, and a folder that it may write to. */
export async function examineMachine(patient: Patient): Promise<Finding[]> {
  return [nodeFinding(patient.node), await gitFinding(patient), await folderFinding(patient)];
}

function nodeFinding(version: string): Finding {
  const { ok, fault } = about('node');
  return atLeast(version, least.node)
    ? ok(`${version} is new enough`)
    : fault(`${version} is too old`, 'install Node.js 24 or newer');
}

async function gitFinding({ gitVersion }: Patient): Promise<Finding> {
  const { ok, fault } = about('git');
  const mend = 'install git 2.38 or newer';
  try {
    const version = (await gitVersion()).trim().replace(/^git version /, '');
    return atLeast(version, least.git) ? ok(`${version} is new enough`) : fault(`${version} is too old`, mend);
  } catch (error) {
    return fault(isGitmendError(error) ? 'git cannot be run' : 'git is not there', mend);
  }
}

async function folderFinding({ stateFolder, tryWriting }: Patient): Promise<Finding> {
  const { ok, fault } = about('state folder');
  try {
    await tryWriting(stateFolder);
    return ok(`${stateFolder} can be written to`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === undefined ? '' : ` (${code})`;
    return fault(
      `${stateFolder} cannot be written to${why}`,
      'free space or rights there, or name another folder in GITMEND_STATE',
    );
  }
}

/** The first two numbers of a text like `v24.21.0` or `2.39.5 (Apple Git-154)`. */
export function atLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [, first = '0', second = '0'] = /(\d+)\.(\d+)/.exec(version) ?? [];
  return Number(first) > major || (Number(first) === major && Number(second) >= minor);
}
