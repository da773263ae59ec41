import {
  type Document,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  type Scalar,
  stringify,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { GitmendError } from '../core/errors.ts';
import type { Json } from '../core/json.ts';
import { flow, scalarForms } from './yaml-print.ts';

export interface YamlEdit {
  path: readonly (string | number)[];
  value: Json;
}

/**
 * The smallest edit of a YAML text: an existing value is replaced character for character, a missing key or item is
 * one new line (or entry of its flow collection), and everything else stays byte for byte as it was: comments, order,
 * spacing, quotes, line endings. What comes out is read again and must hold exactly the edits.
 * Throws CONFIG_INVALID for a text that cannot be edited that way (not YAML, a value behind an alias, a block list as
 * a whole), and writes nothing then.
 */
export function editYaml(text: string, edits: readonly YamlEdit[]): string {
  return edits.reduce(editOne, text);
}

function editOne(text: string, edit: YamlEdit): string {
  const old = parsed(text);
  if (old === undefined) throw invalid(edit, 'the text is not YAML');
  const wanted = expected(old.plain, edit);
  const fits = candidates(text, old.document, edit).find((candidate) => parsed(candidate)?.plain === wanted);
  if (fits === undefined) throw invalid(edit, 'no edit of one place gives exactly that');
  return fits;
}

/** Ways to write the edit, the smallest first. Whether one is right is decided by reading it back. */
function candidates(text: string, document: Document, edit: YamlEdit): string[] {
  const node = document.getIn(edit.path, true);
  if (isScalar(node) && !isObject(edit.value)) return replaceScalar(text, node, edit.value);
  if (isCollection(node) && node.flow === true && isObject(edit.value)) return [splice(text, node, flow(edit.value))];
  if (node === undefined) return added(text, document, edit);
  return [];
}

function replaceScalar(text: string, node: Scalar, value: Json): string[] {
  const [start = 0, end = 0] = node.range ?? [];
  const forms = scalarForms(node, value);
  // An empty value has no characters: it is written behind its colon or dash, before what spaces out a comment.
  if (start === end) {
    const behind = text.slice(0, start).trimEnd().length;
    return forms
      .flatMap((form) => [` ${form}`, `: ${form}`])
      .map((form) => text.slice(0, behind) + form + text.slice(behind));
  }
  const block = node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED';
  return forms.map((form) => splice(text, node, block ? form + lineEnd(text) : form));
}

/** A key or item that is not there yet, at the end of the deepest thing that is. */
function added(text: string, document: Document, { path, value }: YamlEdit): string[] {
  const depth = path.findIndex((_, index) => document.getIn(path.slice(0, index + 1), true) === undefined);
  const parent = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
  const [key, ...deeper] = path.slice(depth);
  const content = deeper.reduceRight<Json>(
    (inner, part) => (typeof part === 'number' ? [inner] : { [part]: inner }),
    value,
  );
  if (key === undefined || !(isMap(parent) || isSeq(parent))) return [];
  if (isSeq(parent) && key !== parent.items.length) return [];
  return [parent.flow === true ? intoFlow(text, parent, key, content) : intoBlock(text, parent, key, content)];
}

function intoFlow(text: string, parent: YAMLMap | YAMLSeq, key: string | number, value: Json): string {
  const entry = isMap(parent) ? `${flow(String(key))}: ${flow(value)}` : flow(value);
  const close = (parent.range?.[1] ?? 1) - 1;
  if (parent.items.length === 0)
    return text.slice(0, close).trimEnd() + (isMap(parent) ? ` ${entry} ` : entry) + text.slice(close);
  const behind = text.slice(0, close).trimEnd().replace(/,$/, '').length;
  return `${text.slice(0, behind)}, ${entry}${text.slice(behind).replace(/^,/, '')}`;
}

function intoBlock(text: string, parent: YAMLMap | YAMLSeq, key: string | number, value: Json): string {
  const eol = lineEnd(text);
  const start = parent.range?.[0] ?? 0;
  // A mark of byte order is no column.
  const before = text.slice(text.lastIndexOf('\n', start - 1) + 1, start).replace('\ufeff', '');
  const indent = ' '.repeat(before.length);
  const printed = stringify(isMap(parent) ? { [key]: value } : [value], { lineWidth: 0, indentSeq: true }).trimEnd();
  const lines = printed.split('\n').map((line) => (line === '' ? line : indent + line));
  const leaf = lastLeaf(parent);
  const end = leaf?.range?.[1] ?? start;
  const after = text[end - 1] === '\n' && end > 0 ? end : text.indexOf('\n', end) + 1;
  if (after === 0) return text + eol + lines.join(eol);
  return text.slice(0, after) + lines.map((line) => line + eol).join('') + text.slice(after);
}

/** The node that ends last in a collection: what is written after it is written after all of it. */
function lastLeaf(node: Node | null | undefined): Node | undefined {
  if (node === null || node === undefined) return undefined;
  if (!isCollection(node) || node.flow === true) return node;
  const last = node.items.at(-1);
  const value = isMap(node) ? (node.items.at(-1)?.value ?? node.items.at(-1)?.key) : last;
  return lastLeaf(value as Node | null | undefined) ?? node;
}

function splice(text: string, node: Node, form: string): string {
  const [start = 0, end = 0] = node.range ?? [];
  return text.slice(0, start) + form + text.slice(end);
}

function lineEnd(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

/**
 * A text as a document, and all its values as one text, in order: two texts that say the same have the same. Aliases
 * are written out there. `undefined` for what is not YAML.
 */
function parsed(text: string): { document: Document; plain: string } | undefined {
  const document = parseDocument(text, { version: '1.2', prettyErrors: false, logLevel: 'error' });
  if (document.errors.length > 0) return undefined;
  try {
    return { document, plain: JSON.stringify(document.toJS()) };
  } catch (error) {
    // An alias of nothing, or a bomb of them.
    if (error instanceof ReferenceError) return undefined;
    throw error;
  }
}

function expected(plain: string, { path, value }: YamlEdit): string {
  // Through JSON, so that what an alias repeats is a copy: an edit that changes both places must not fit.
  const root: unknown = JSON.parse(plain);
  const holder = { root };
  let inside: { [key: string]: unknown } = holder;
  for (const [index, part] of (['root', ...path] as const).entries()) {
    if (part === '__proto__') throw invalid({ path, value }, 'that is no key');
    if (index === path.length) inside[part] = value;
    else {
      if (!isObject(inside[part])) inside[part] = typeof path[index] === 'number' ? [] : {};
      inside = inside[part] as { [key: string]: unknown };
    }
  }
  return JSON.stringify(holder.root);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function invalid({ path }: YamlEdit, why: string): GitmendError {
  return new GitmendError('CONFIG_INVALID', `${path.join('.')} cannot be edited: ${why}`);
}
