import { plainText } from '../records/escape.ts';
import type { AttributeChange, Shown } from './plan.ts';

/** `memory.dedicated 2048 → 3072`. Not escaped. */
export function attributeWords({ path, before, after }: AttributeChange): string {
  return `${printPath(path)} ${printShown(before)} → ${printShown(after)}`;
}

/** A value in a line: at most 80 letters. */
export function printShown(shown: Shown): string {
  switch (shown) {
    case 'sensitive':
      return '(sensitive)';
    case 'unknown':
      return '(known after the apply)';
    case 'unset':
      return 'none';
    default:
      return plainText(typeof shown.value === 'string' ? quoted(shown.value) : JSON.stringify(shown.value), 80);
  }
}

/** A word stands as it is; what could be mistaken for something else stands in quotes. */
function quoted(text: string): string {
  return /^[\w./:-]+$/.test(text) ? text : JSON.stringify(text);
}

/** `memory.dedicated`, `disk[1].size`: an index only where it is not the first. */
export function printPath(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return part === 0 ? text : `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}
