import { LineCounter, parseAllDocuments } from 'yaml';
import { shown } from '../config/words.ts';
import type { Tree } from '../core/change-set.ts';
import type { Fault } from '../core/fault.ts';

// Files that other programs read. gitmend edits some of them, so they must at least be YAML; what they mean is for
// those programs to say. Anchors, several documents and tags (!vault) are theirs to use.
const loose = /^(?:ansible|compose|prometheus|dns|\.github\/workflows|\.gitea\/workflows)\/.*\.ya?ml$/;
const mostCharacters = 1024 * 1024;

/** What is not YAML in the files of Ansible, Compose, Prometheus, DNS and the workflows: the first fault of each line. */
export function looseYamlFaults(tree: Tree): Fault[] {
  return [...tree].filter(([path]) => loose.test(path)).flatMap(([path, text]) => faultsOf(path, text));
}

function faultsOf(file: string, text: string): Fault[] {
  const fault = (line: number, column: number, problem: string): Fault => ({
    file,
    line,
    column,
    field: '',
    problem,
    mend: '',
    severity: 'fault',
  });
  if (text.length > mostCharacters) return [fault(0, 0, `has ${text.length} characters, more than 1048576`)];
  const lines = new LineCounter();
  try {
    const documents = parseAllDocuments(text, { prettyErrors: false, lineCounter: lines });
    const errors = 'empty' in documents ? [] : documents.flatMap((document) => document.errors);
    const found = errors.map(({ pos, message }) => {
      const { line, col } = lines.linePos(pos[0]);
      return fault(line, col, `is not YAML: ${shown(message)}`);
    });
    return found.filter(({ line }, index) => found.findIndex((other) => other.line === line) === index);
  } catch (error) {
    if (error instanceof RangeError) return [fault(0, 0, 'is nested too deeply')];
    throw error;
  }
}
