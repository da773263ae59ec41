import { stripVTControlCharacters } from 'node:util';

const mostLetters = 2000;
const mostLines = 200;
const longestLine = 500;

/**
 * What a failed script said, for people: paths of the private folder become paths of the repository, Node's own frames
 * are left out, and the place of the error (`stacks/main.ts:12`) comes first.
 */
export function sanitized(said: string, folder: string): string {
  const lines = stripVTControlCharacters(said)
    .replaceAll(`file://${folder}/`, '')
    .replaceAll(`${folder}/`, '')
    // Lines are cut before anything searches in them: the text is the script's, and may be made to be slow to search.
    .split('\n', mostLines)
    .map((line) => line.slice(0, longestLine).replace(/[\p{Cc}\p{Cf}]/gu, ''))
    .filter((line) => !isNodesOwn(line));
  const error = lines.find((line) => /^[A-Za-z]*Error\b/.test(line)) ?? '';
  const place = lines.flatMap((line) => /(?:stacks|guests)\/[\w./-]{1,200}:\d+/.exec(line)?.[0] ?? [])[0];
  const first = [place, error].filter((part) => part !== undefined && part !== '').join(' ');
  return [first, ...lines.filter((line) => line !== error)].join('\n').trim().slice(0, mostLetters);
}

function isNodesOwn(line: string): boolean {
  return (
    line.trim() === '' || line.startsWith('Node.js v') || (/^\s+at /.test(line) && /node:|node_modules\//.test(line))
  );
}
