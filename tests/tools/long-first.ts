// In which order files are run: what takes longest first, so that at the end no core waits for one that began late.
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files, or folders, that take 40 seconds and more on two slow cores, longest first. A machine that has not run the tests
 * before knows of each file only its size, and stories are short to write and long to play.
 */
export const long = [
  ...['tests/crash/kill', 'tests/crash/seeded', 'tests/terraform/real/stack-code', 'tests/terraform/real/deliver'],
  ...['tests/scenarios/ci', 'tests/terraform/real/import', 'tests/scenarios/github', 'tests/scenarios/gitea'],
  ...['tests/deliver/terraform', 'tests/scenarios/scenarios', 'tests/deliver/playbooks', 'tests/faults/'],
  ...['tests/deliver/destroy.test', 'tests/deliver/migrate', 'tests/cli/guest-verbs', 'tests/serve/serve.test'],
  ...['tests/deliver/forged', 'tests/deliver/drift-accept'],
  ...['tests/synth/untrusted', 'tests/appliers/ansible/', 'tests/deliver/one-guest-fails', 'tests/forges/local/crash'],
  ...['tests/deliver/clone', 'tests/commands/faults', 'tests/forges/github/contract', 'tests/forges/gitea/contract'],
];

/** Vitest's own order, behind the files that are known to take long. */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    // A project is run as a whole, one after the other.
    const projects = [...new Set(sorted.map(({ project }) => project.name))];
    const placeIn = ({ project }: TestSpecification): number => projects.indexOf(project.name);
    return sorted.toSorted(
      (one, other) => placeIn(one) - placeIn(other) || placeOf(one.moduleId) - placeOf(other.moduleId),
    );
  }
}

/** The place of a file in the list; behind it what is not in it. */
export function placeOf(file: string): number {
  const at = long.findIndex((begin) => relative(process.cwd(), file).startsWith(begin));
  return at < 0 ? long.length : at;
}
