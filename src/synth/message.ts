import { stripVTControlCharacters } from 'node:util';

const mostLetters = 2000;
const mostLines = 200;
const longestLine = 500;

/**
 * What a failed script said, for people: paths of the private folder become paths of the repository, Node's own frames
 * are left out, and the place of the error (`stacks/main.ts:12`) comes first.
 */
export function sanitized(said: string, folder: string): string {
  const lines = withoutExcerpts(plainLines(said, folder));
  const error = lines.find((line) => /^[A-Za-z]*Error\b/.test(line)) ?? '';
  const place = lines.flatMap((line) => /(?:stacks|guests)\/[\w./-]{1,200}:\d+/.exec(line)?.[0] ?? [])[0];
  const first = [place, error].filter((part) => part !== undefined && part !== '').join(' ');
  return [first, ...lines.filter((line) => line !== error)].join('\n').trim().slice(0, mostLetters);
}

function plainLines(said: string, folder: string): string[] {
  return (
    stripVTControlCharacters(said)
      .replaceAll(`file://${folder}/`, '')
      .replaceAll(`${folder}/`, '')
      // Lines are cut before anything searches in them: the text is the script's, and may be made to be slow to search.
      .split('\n', mostLines)
      .map((line) => line.slice(0, longestLine).replace(/[\p{Cc}\p{Cf}]/gu, ''))
      .filter((line) => !isNodesOwn(line))
  );
}

/** Where Node stopped in code of a module or its own: the place, its source and the mark below say nothing of the stacks. */
function withoutExcerpts(lines: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const marked = lines.slice(at, at + 4).findIndex((line) => /^\s*\^+$/.test(line));
    if (marked > 0 && /^(?:node:|node_modules\/)\S+:\d+$/.test(lines[at] ?? '')) at += marked;
    else kept.push(lines[at] ?? '');
  }
  return kept;
}

function isNodesOwn(line: string): boolean {
  return (
    line.trim() === '' || line.startsWith('Node.js v') || (/^\s+at /.test(line) && /node:|node_modules\//.test(line))
  );
}
