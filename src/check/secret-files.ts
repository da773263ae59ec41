import { secretShape } from '../config/secrets.ts';
import type { Tree } from '../core/change-set.ts';
import type { Fault } from '../core/fault.ts';

// gitmend's own files are looked through value by value where they are read; here is everything else.
const own = /^(?:gitmend\.yaml|(?:guests|policies|operations)\/)/;

/** Lines anywhere in the repository that hold a secret beyond doubt. What stands there is never repeated. */
export function secretFaults(tree: Tree): Fault[] {
  return [...tree].filter(([path]) => !own.test(path)).flatMap(([path, text]) => faultsOf(path, text));
}

function faultsOf(file: string, text: string): Fault[] {
  // One look at the whole file first: most have nothing, and then no line has to be counted.
  if (secretShape(text) === undefined) return [];
  return text.split('\n').flatMap((line, index) => {
    const shape = secretShape(line);
    if (shape === undefined) return [];
    const mend = 'take it out of the repository and its history, and replace it: it is known now';
    return [
      { file, line: index + 1, column: 1, field: '', problem: `looks like ${shape}`, mend, severity: 'fault' as const },
    ];
  });
}
