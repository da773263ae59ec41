import { isMap, isNode, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { GitmendError } from '../core/errors.ts';

/**
 * Takes one key and its value out of a YAML text: the lines of a block map, with what is written behind them, or the
 * entry of a flow map. Everything else stays byte for byte. What comes out is read again and must be exactly that.
 * Throws CONFIG_INVALID where it cannot be done so: a key that is not there, one that an anchor or a comment stands in the way of.
 */
export function removeYaml(text: string, path: readonly string[]): string {
  const document = parsed(text);
  const parent = document?.getIn(path.slice(0, -1), true);
  const pair = isMap(parent) ? parent.items.find(({ key }) => keyOf(key) === path.at(-1)) : undefined;
  if (document === undefined || !isMap(parent) || pair === undefined) throw invalid(path, 'there is no such key');
  const left = parent.flow === true ? outOfFlow(text, parent, pair) : outOfBlock(text, parent, pair);
  document.deleteIn(path);
  const wanted = plain(document);
  if (wanted === undefined || plain(parsed(left)) !== wanted)
    throw invalid(path, 'taking out its lines alone does not give exactly that');
  return left;
}

function outOfFlow(text: string, parent: YAMLMap, pair: Pair): string {
  const index = parent.items.indexOf(pair);
  const [before, after] = [parent.items[index - 1], parent.items[index + 1]];
  // With the comma before it; the first one with the comma behind it.
  if (before !== undefined) return text.slice(0, endOf(before)) + text.slice(endOf(pair));
  return text.slice(0, startOf(pair)) + text.slice(after === undefined ? endOf(pair) : startOf(after));
}

function outOfBlock(text: string, parent: YAMLMap, pair: Pair): string {
  const begin = text.lastIndexOf('\n', startOf(pair) - 1) + 1;
  // A value that goes over several lines ends behind its last line feed.
  const last = Math.max(endOf(pair) - 1, startOf(pair));
  const end = text.indexOf('\n', last) + 1;
  const rest = end === 0 ? '' : text.slice(end);
  // A map of nothing is written in braces, behind its own key.
  return parent.items.length === 1 ? `${text.slice(0, begin).trimEnd()} {}\n${rest}` : text.slice(0, begin) + rest;
}

function startOf({ key }: Pair): number {
  return isNode(key) ? (key.range?.[0] ?? 0) : 0;
}

function endOf({ key, value }: Pair): number {
  return (isNode(value) ? value.range?.[1] : undefined) ?? (isNode(key) ? (key.range?.[1] ?? 0) : 0);
}

function keyOf(key: unknown): unknown {
  return isNode(key) ? (key as { value?: unknown }).value : key;
}

function parsed(text: string) {
  const document = parseDocument(text, { version: '1.2', prettyErrors: false, logLevel: 'error' });
  return document.errors.length > 0 ? undefined : document;
}

/** All its values as one text; absent where an alias has lost what it stands for. */
function plain(document: ReturnType<typeof parsed>): string | undefined {
  try {
    return JSON.stringify(document?.toJS());
  } catch (error) {
    if (error instanceof ReferenceError) return undefined;
    throw error;
  }
}

function invalid(path: readonly string[], why: string): GitmendError {
  return new GitmendError('CONFIG_INVALID', `${path.join('.')} cannot be taken out: ${why}`);
}
