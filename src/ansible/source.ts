import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  Scalar as YamlScalar,
} from 'yaml';
import type { AnsibleObjection } from '../core/ansible.ts';
import { isLink } from '../core/change-set.ts';
import { plainValue } from './scalar.ts';

/** A text, number … with the line that it stands in. `written` is how a number or a boolean is written. */
export interface Scalar {
  kind: 'scalar';
  line: number;
  value: string | number | boolean | null;
  written: string;
  tag?: 'vault' | 'unsafe';
}

export interface Entry {
  key: string;
  /** As it is written where it is no text: `80`. */
  written?: string;
  line: number;
  value: Value;
}

export interface MapValue {
  kind: 'map';
  line: number;
  entries: Entry[];
}

export interface ListValue {
  kind: 'list';
  line: number;
  items: Value[];
}

/** A YAML file of Ansible: what Ansible itself would read, and nothing that two readers could read differently. */
export type Value = Scalar | MapValue | ListValue;

const mostNodes = 100_000;
const mostDepth = 60;

// Where Python's reader ends a line or a text and others do not: a key could hide behind one.
const strange = /(?![\t\n\r])\p{Cc}|[\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)/u;

/** Reads YAML as PyYAML does (version 1.1, aliases, merge keys), or says with file and line what it cannot trust. */
export function readSource(file: string, text: string): { value?: Value; objections: AnsibleObjection[] } {
  // Said of all files of the tree at once.
  if (isLink(text)) return { objections: [] };
  const found = strange.exec(text);
  if (found !== null) {
    const line = text.slice(0, found.index).split('\n').length;
    return {
      objections: [unreadable(file, line, 'holds a control character or a line end that readers disagree about')],
    };
  }
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, {
      schema: 'failsafe',
      version: '1.1',
      customTags: ['!vault', '!vault-encrypted', '!unsafe'].map((tag) => ({ tag, resolve: (one: string) => one })),
      lineCounter: lines,
      prettyErrors: false,
      logLevel: 'error',
    });
    const wrong = [...document.errors, ...document.warnings].map(({ pos, message }) =>
      unreadable(file, lines.linePos(pos[0]).line, `is not YAML that can be trusted: ${message.split('\n')[0] ?? ''}`),
    );
    if (wrong.length > 0) return { objections: wrong };
    const reader: Reader = { file, document, lines, nodes: 0, objections: [] };
    const value = valueOf(document.contents, reader, 0);
    return { value, objections: reader.objections };
  } catch (error) {
    if (error instanceof RangeError || error instanceof ReferenceError)
      return { objections: [unreadable(file, 0, 'is nested too deeply, or holds too much')] };
    throw error;
  }
}

/** An objection to the file itself. */
export function unreadable(file: string, line: number, why: string, next = 'Write it plainly'): AnsibleObjection {
  return { kind: 'unreadable', file, line, name: '', why: `${file} ${why}`, next };
}

interface Reader {
  file: string;
  document: Document;
  lines: LineCounter;
  nodes: number;
  objections: AnsibleObjection[];
}

function valueOf(node: Node | null, reader: Reader, depth: number): Value {
  reader.nodes += 1;
  if (reader.nodes > mostNodes || depth > mostDepth) throw new RangeError('too much');
  const line = lineOf(node, reader);
  if (node === null) return { kind: 'scalar', line, value: null, written: 'null' };
  if (isAlias(node)) return valueOf(node.resolve(reader.document) as Node, reader, depth + 1);
  if (isSeq(node)) {
    demandNoTag(node, reader, line);
    return { kind: 'list', line, items: node.items.map((item) => valueOf(item as Node | null, reader, depth + 1)) };
  }
  if (isMap(node)) {
    demandNoTag(node, reader, line);
    return { kind: 'map', line, entries: entriesOf(node.items as Pair<Node, Node | null>[], reader, depth) };
  }
  return scalarOf(node, reader, line);
}

function demandNoTag(node: { tag?: string }, reader: Reader, line: number): void {
  if (node.tag === undefined || /^tag:yaml\.org,2002:(map|seq)$/.test(node.tag)) return;
  reader.objections.push(unreadable(reader.file, line, `uses the tag ${node.tag}`));
}

function scalarOf(node: YamlScalar, reader: Reader, line: number): Scalar {
  const text = typeof node.value === 'string' ? node.value : '';
  const scalar = { kind: 'scalar', line, value: text, written: '' } as const;
  if (node.tag === '!vault' || node.tag === '!vault-encrypted') return { ...scalar, tag: 'vault' };
  if (node.tag === '!unsafe') return { ...scalar, tag: 'unsafe' };
  if (node.tag !== undefined) {
    if (node.tag !== 'tag:yaml.org,2002:str')
      reader.objections.push(unreadable(reader.file, line, `uses the tag ${node.tag}`));
    return scalar;
  }
  if (node.type !== YamlScalar.PLAIN) return scalar;
  const plain = plainValue(text);
  if (plain === undefined) {
    reader.objections.push(unreadable(reader.file, line, `holds the time ${text}`, 'Put it in quotes'));
    return scalar;
  }
  return { ...scalar, ...plain };
}

function entriesOf(pairs: readonly Pair<Node, Node | null>[], reader: Reader, depth: number): Entry[] {
  const own: Entry[] = [];
  const merged: Entry[] = [];
  for (const { key, value } of pairs) {
    const line = lineOf(key, reader);
    const name = isAlias(key) ? key.resolve(reader.document) : key;
    if (!isScalar(name)) {
      reader.objections.push(unreadable(reader.file, line, 'has a key that is no text'));
      continue;
    }
    const inside = valueOf(value, reader, depth + 1);
    const read = scalarOf(name, reader, line);
    if (read.value === '<<' && name.type === YamlScalar.PLAIN) merged.push(...mergedFrom(inside));
    else if (typeof read.value === 'string') own.push({ key: read.value, line, value: inside });
    else own.push({ key: String(read.value), written: read.written, line, value: inside });
  }
  const names = new Set(own.map(({ key }) => key));
  return [...own, ...merged.filter(({ key }) => !names.has(key) && names.add(key))];
}

function mergedFrom(value: Value): Entry[] {
  if (value.kind === 'map') return value.entries;
  return value.kind === 'list' ? value.items.flatMap(mergedFrom) : [];
}

function lineOf(node: Node | null, { lines }: Reader): number {
  return node?.range === undefined || node.range === null ? 0 : lines.linePos(node.range[0]).line;
}
