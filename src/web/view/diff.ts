/** One line of a difference, with its sign: colour only repeats what the sign says. */
export interface DiffLine {
  sign: '+' | '-' | ' ';
  text: string;
  /** 1-based numbers in the old and the new file; undefined where the line is not in it. */
  before: number | undefined;
  after: number | undefined;
}

export interface DiffFile {
  path: string;
  /** `new file`, `deleted`, `renamed from …`, `not text`; '' for an edit. */
  note: string;
  hunks: { heading: string; lines: DiffLine[] }[];
  added: number;
  removed: number;
}

export interface Diff {
  files: DiffFile[];
  /** Lines that are not shown because there are too many. */
  left: number;
}

const mostLines = 2000;

/** Reads git's unified diff. What it does not understand it leaves out; nothing in it is ever markup. */
export function parseDiff(text: string): Diff {
  const files: DiffFile[] = [];
  const all = text.split('\n');
  const lines = all.slice(0, mostLines);
  let [before, after] = [0, 0];
  for (const line of lines) {
    const file = files.at(-1);
    const hunk = file?.hunks.at(-1);
    if (line.startsWith('diff --git ')) files.push(newFile(line));
    else if (file === undefined) continue;
    else if (line.startsWith('@@ ')) {
      [before, after] = hunkStart(line);
      file.hunks.push({ heading: line.replace(/^(@@ [^@]* @@).*$/, '$1'), lines: [] });
    } else if (hunk === undefined) noteOf(file, line);
    else if (/^[-+ ]/.test(line)) {
      const sign = line.slice(0, 1) as DiffLine['sign'];
      hunk.lines.push({
        sign,
        text: line.slice(1),
        before: sign === '+' ? undefined : before++,
        after: sign === '-' ? undefined : after++,
      });
      if (sign === '+') file.added += 1;
      if (sign === '-') file.removed += 1;
    }
  }
  return { files, left: all.length - lines.length };
}

function newFile(line: string): DiffFile {
  const [, path = '?'] = / "?b\/(.+?)"?$/.exec(line) ?? [];
  return { path, note: '', hunks: [], added: 0, removed: 0 };
}

function hunkStart(line: string): [number, number] {
  const [, before = '0', after = '0'] = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(line) ?? [];
  return [Number(before), Number(after)];
}

/** The heading of a file names it twice, and a name may hold what looks like the second one: here it stands alone. */
function noteOf(file: DiffFile, line: string): void {
  if (line.startsWith('+++ b/')) file.path = line.slice('+++ b/'.length).replace(/\t$/, '');
  else if (line.startsWith('new file')) file.note = 'new file';
  else if (line.startsWith('deleted file')) file.note = 'deleted';
  else if (line.startsWith('rename from ')) file.note = `renamed from ${line.slice('rename from '.length)}`;
  else if (line.startsWith('Binary files')) file.note = 'not text';
}
