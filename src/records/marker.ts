import { jsonIn } from '../core/json.ts';

/**
 * Hidden HTML comments that carry data for the bot itself: `<!-- gitmend:pr {"remedy":"resize-guest"} -->`, on a line
 * of its own. What outside text says in it is escaped as JSON allows, so it can neither end the comment nor hide.
 */
export function printMarker(kind: string, data: object): string {
  // Without the u flag a match is one UTF-16 unit, which is what a JSON escape names.
  const json = JSON.stringify(data).replace(/[<>&]|-(?=-)|[^\x20-\x7e]/g, escaped);
  return `<!-- gitmend:${kind} ${json} -->`;
}

/** The data of the one marker of that kind; `undefined` where there is none, more than one, or what cannot be read. */
export function parseMarker(text: string, kind: string): unknown {
  const lines = text.split(/\r?\n/).filter((line) => line.startsWith(`<!-- gitmend:${kind} `));
  const [line = ''] = lines;
  const json = line.trimEnd().slice(`<!-- gitmend:${kind} `.length, -' -->'.length);
  if (lines.length !== 1 || !line.trimEnd().endsWith(' -->')) return undefined;
  return jsonIn(json);
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
