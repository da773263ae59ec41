/**
 * Three texts into one, for edits of existing lines: as git, a conflict where both sides changed the same line or two
 * that touch. Where lines were added or removed on both sides it says conflict, where git might find a way.
 */
export function mergeTexts(
  base: string | undefined,
  ours: string | undefined,
  theirs: string | undefined,
): { is: string | undefined } | 'conflict' {
  if (ours === theirs || theirs === base) return { is: ours };
  if (ours === base) return { is: theirs };
  if (base === undefined || ours === undefined || theirs === undefined) return 'conflict';
  const [was, left, right] = [base, ours, theirs].map((text) => text.split('\n'));
  if (was === undefined || left?.length !== was.length || right?.length !== was.length) return 'conflict';
  const changedLeft = changed(was, left);
  const changedRight = changed(was, right);
  const touching = changedLeft.some((at) =>
    changedRight.some((other) => Math.abs(at - other) <= 1 && !(at === other && left[at] === right[at])),
  );
  if (touching) return 'conflict';
  return {
    is: was
      .map((line, at) => (changedLeft.includes(at) ? left[at] : changedRight.includes(at) ? right[at] : line))
      .join('\n'),
  };
}

function changed(was: readonly string[], is: readonly string[]): number[] {
  return was.flatMap((line, at) => (line === is[at] ? [] : [at]));
}
