import type { Entry, Value } from './source.ts';

/**
 * A value as YAML that every reader reads alike, and Ansible as it was judged: flow style, every text in double quotes,
 * numbers as they were written, no anchors, no tags but `!unsafe`. The first line keeps Ansible from taking it for JSON,
 * where some keys mean something of their own.
 */
export function printYaml(value: Value): string {
  return `---\n${print(value, '')}\n`;
}

function print(value: Value, indent: string): string {
  const deeper = `${indent} `;
  if (value.kind === 'list') {
    if (value.items.length === 0) return '[]';
    return `[\n${value.items.map((item) => deeper + print(item, deeper)).join(',\n')}\n${indent}]`;
  }
  if (value.kind === 'map') {
    if (value.entries.length === 0) return '{}';
    const lines = value.entries.map((entry) => `${deeper}${keyOf(entry)}: ${print(entry.value, deeper)}`);
    return `{\n${lines.join(',\n')}\n${indent}}`;
  }
  if (typeof value.value === 'string') return `${value.tag === 'unsafe' ? '!unsafe ' : ''}${quoted(value.value)}`;
  return number(value.written);
}

function keyOf({ key, written }: Entry): string {
  return written === undefined ? quoted(key) : number(written);
}

/** `1:30` is a number of base 60 to Python, and would end at its colon here. */
function number(written: string): string {
  if (!written.includes(':')) return written;
  return `${written.includes('.') ? '!!float' : '!!int'} ${quoted(written)}`;
}

/** Double quotes of JSON are YAML's too, but for a few characters that end a line there. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
