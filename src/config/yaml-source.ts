import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
  type YAMLError,
} from 'yaml';
import { isLink } from '../core/change-set.ts';
import type { Fault } from '../core/fault.ts';
import { secretShape } from './secrets.ts';
import { shown } from './words.ts';

export type Path = readonly PropertyKey[];

/** One YAML file that a person wrote, with the place of every value in it. */
export interface YamlSource {
  file: string;
  /** Plain data, not yet trusted. */
  value: unknown;
  /** A fault at the value of that path; where there is none, at the nearest thing that contains it. */
  fault(path: Path, problem: string, mend?: string, severity?: Fault['severity']): Fault;
  /** The same, at the key. */
  faultOfKey(path: Path, problem: string, mend?: string): Fault;
  /** 1-based line of the value; 0 where it is absent. */
  line(path: Path): number;
}

const mostCharacters = 256 * 1024;

/**
 * Reads one of gitmend's own files as YAML 1.2 without anything that readers disagree about: one document, no
 * anchors, aliases or tags, no duplicate keys, plain decimal numbers. `source` is absent where nothing can be read;
 * otherwise the faults are what the text itself has wrong, and the schema's can be added to them.
 */
export function openYaml(text: string, file: string): { source?: YamlSource; faults: Fault[] } {
  const whole = (problem: string, mend = ''): { faults: Fault[] } => ({
    faults: [{ file, line: 0, column: 0, field: '', problem, mend, severity: 'fault' }],
  });
  if (text.length > mostCharacters) return whole(`has ${text.length} characters, more than 262144`, 'split it');
  if (isLink(text)) return whole('is a symbolic link, and gitmend follows none', 'write the file itself');
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, {
      version: '1.2',
      lineCounter: lines,
      prettyErrors: false,
      logLevel: 'error',
    });
    if (isBlank(document)) return whole('is empty');
    return read(document, { file, text, lines });
  } catch (error) {
    // The reader is recursive: only text that nests thousands deep ends here.
    if (error instanceof RangeError) return whole('is nested too deeply');
    throw error;
  }
}

function isBlank({ contents, errors }: Document): boolean {
  return errors.length === 0 && (contents === null || (isScalar(contents) && contents.value === null));
}

interface Context {
  file: string;
  text: string;
  lines: LineCounter;
}

function read(document: Document, context: Context): { source?: YamlSource; faults: Fault[] } {
  const { file, lines } = context;
  const at = (offset: number, path: Path, problem: string, mend = '', severity: Fault['severity'] = 'fault'): Fault => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col, field: printPath(path), problem, mend, severity };
  };
  const syntax = syntaxFaults(document, context, at);
  const traps = trapFaults(document, at);
  // After a duplicate key the rest can still be judged; after any other error of syntax it would only be noise.
  if (document.errors.some(({ code }) => code !== 'DUPLICATE_KEY')) return { faults: syntax };
  const faults = [...syntax, ...traps];
  if (hasAlias(document)) return { faults };
  const source: YamlSource = {
    file,
    value: document.toJS({ maxAliasCount: 0 }),
    fault: (path, problem, mend, severity) => at(offsetOf(document, path).offset, path, problem, mend, severity),
    faultOfKey: (path, problem, mend) => at(keyOffset(document, path), path, problem, mend),
    line: (path) => {
      const found = offsetOf(document, path);
      return found.exact ? lines.linePos(found.offset).line : 0;
    },
  };
  return { source, faults };
}

type At = (offset: number, path: Path, problem: string, mend?: string) => Fault;

/** One per line: what follows an error on the same line is its echo. */
function syntaxFaults(document: Document, { text }: Context, at: At): Fault[] {
  const faults = [...document.errors, ...document.warnings].map((error) => {
    const [problem, mend] = sayError(error, text);
    return at(error.pos[0], [], problem, mend);
  });
  return faults.filter((fault, index) => faults.findIndex(({ line }) => line === fault.line) === index).slice(0, 20);
}

function sayError(error: YAMLError, text: string): [string, string] {
  switch (error.code) {
    case 'DUPLICATE_KEY':
      return [`${shown(/^[^:\s]+/.exec(text.slice(error.pos[0]))?.[0] ?? 'a key')} is written twice`, 'keep one'];
    case 'TAB_AS_INDENT':
      return ['a tab indents this line', 'YAML takes spaces only'];
    case 'MULTIPLE_DOCS':
      return ['a second document begins here', 'one file holds one; remove the line ---'];
    case 'TAG_RESOLVE_FAILED':
      return ['a tag (!…) is not taken here', 'write the value out'];
    case 'RESOURCE_EXHAUSTION':
      return ['is nested too deeply', ''];
    default:
      return [`is not YAML: ${shown(error.message)}`, ''];
  }
}

/** What YAML allows and its readers understand differently, or what hides one value behind another. */
function trapFaults(document: Document, at: At): Fault[] {
  const faults: Fault[] = [];
  if (document.directives?.yaml.explicit === true)
    faults.push(at(0, [], 'a %YAML directive is not taken', 'remove it'));
  visit(document, {
    Pair: (_, pair) => {
      const { key } = pair;
      if (isScalar(key) && typeof key.value === 'string') return;
      faults.push(
        at(
          startOf(key) ?? 0,
          [],
          `${shown(isScalar(key) ? key.source : 'a list or map')} is not a name`,
          'put it in quotes',
        ),
      );
    },
    Node: (key, node, ancestors) => {
      const path = pathOf([...ancestors, node], key);
      const offset = startOf(node) ?? 0;
      if (isAlias(node) || node.anchor !== undefined) {
        faults.push(
          at(
            offset,
            path,
            'anchors and aliases (&, *) are not taken',
            'write the value out, so that one line declares one thing',
          ),
        );
      } else if (isScalar(node)) faults.push(...scalarFaults(node, path, offset, at));
    },
  });
  return faults;
}

function scalarFaults(node: Scalar, path: Path, offset: number, at: At): Fault[] {
  const { value, source } = node;
  if (typeof value === 'number' && !/^-?(0|[1-9][0-9]{0,14})(\.[0-9]+)?$/.test(source ?? '')) {
    return [
      at(
        offset,
        path,
        `${shown(source ?? '')} is not a plain decimal number`,
        'readers of YAML disagree about it; write its digits',
      ),
    ];
  }
  const shape = typeof value === 'string' ? secretShape(value) : undefined;
  if (shape === undefined) return [];
  return [
    at(
      offset,
      path,
      `looks like ${shape}`,
      'a secret never stands in a file: put it in an environment variable and name it as env:NAME',
    ),
  ];
}

function hasAlias(document: Document): boolean {
  let found = false;
  visit(document, {
    Alias: () => {
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}

/** The path of the last of a chain of nodes, the first being the document. */
function pathOf(chain: readonly unknown[], key: unknown): Path {
  const path: PropertyKey[] = [];
  for (const [index, node] of chain.entries()) {
    const parent = chain[index - 1];
    if (isSeq(parent)) path.push(parent.items.indexOf(node));
    else if (isPair(node) && isScalar(node.key)) path.push(String(node.key.value));
  }
  return key === 'key' ? path.slice(0, -1) : path;
}

function offsetOf(document: Document, path: Path): { offset: number; exact: boolean } {
  for (let length = path.length; length >= 0; length -= 1) {
    const start = startOf(document.getIn(path.slice(0, length), true));
    if (start !== undefined) return { offset: start, exact: length === path.length };
  }
  return { offset: 0, exact: false };
}

function keyOffset(document: Document, path: Path): number {
  const parent = document.getIn(path.slice(0, -1), true);
  const items: readonly Pair[] = isMap(parent) ? parent.items : [];
  const pair = items.find(({ key }) => isScalar(key) && String(key.value) === path.at(-1));
  return startOf(pair?.key) ?? offsetOf(document, path).offset;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

/** `['clusters', 0, 'read']` → `clusters[0].read` */
function printPath(path: Path): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${shown(String(part))}`))
    .join('');
}
