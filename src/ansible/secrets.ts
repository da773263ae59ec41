import { secretShape } from '../config/secrets.ts';
import type { Value } from './source.ts';

const names = /passw(?:or)?d|passphrase|secret|token|api_?key|access_?key|private_?key|credential/i;

// `password = …`, `"token": …`, `db_password: …`: a line of a file that a module shows.
const assigned =
  /^([-+ ]?\s*(?:export\s+)?["']?[\w.-]{0,80}(?:passw(?:or)?d|passphrase|secret|token|api_?key|access_?key|private_?key|credential)[\w.-]{0,80}["']?\s*[:=]\s*)\S.*$/i;

// What is shorter stands in many a word that is no secret.
const shortest = 6;

/** What of the output of a run must not be shown. */
export interface Secrets {
  /** Lines with what is secret taken out. All of them, where one begins a private key. */
  lines(lines: readonly string[]): string[];
  /** A message on one line. */
  text(text: string): string;
}

/** `known`: what was encrypted, and the credentials of this run. Of the data, values of names that sound secret are added. */
export function secretsOf(known: readonly string[], data: Iterable<Value>): Secrets {
  const texts = new Set<string>();
  for (const one of known) add(one, texts);
  for (const value of data) collect(value, false, texts);
  // The longest first, so that no part of a secret is left where one holds another.
  const ordered = [...texts].sort((a, b) => b.length - a.length);
  const without = (line: string): string => ordered.reduce((left, one) => left.replaceAll(one, '(sensitive)'), line);
  const one = (line: string): string => {
    if (secretShape(line) !== undefined) return `${/^[-+ ]/.exec(line)?.[0] ?? ''}(not shown: it looks like a secret)`;
    return without(line).replace(assigned, '$1(sensitive)');
  };
  return {
    lines: (lines) =>
      lines.some((line) => secretShape(line) === 'a private key')
        ? ['(not shown: it holds a private key)']
        : lines.map(one),
    text: (text) => text.split('\n').map(one).join('\n'),
  };
}

/** A secret, its lines, and what it is in base64. */
function add(text: string, into: Set<string>): void {
  for (const part of [text, ...text.split('\n')]) {
    const plain = part.trim();
    if (plain.length < shortest) continue;
    into.add(plain);
    into.add(Buffer.from(plain).toString('base64').replace(/=+$/, ''));
    into.add(JSON.stringify(plain).slice(1, -1));
  }
}

function collect(value: Value, secret: boolean, into: Set<string>): void {
  if (value.kind === 'list') for (const item of value.items) collect(item, secret, into);
  else if (value.kind === 'map')
    for (const entry of value.entries) collect(entry.value, secret || names.test(entry.key), into);
  else if (secret && typeof value.value === 'string' && !/\{\{/.test(value.value)) add(value.value, into);
}
