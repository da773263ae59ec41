import { escapeCode } from '../../records/escape.ts';

/** A plan that was asked of CI: which one the plan comment showed then, and whether everything is read anew. */
export interface AskedOfCi {
  /** First seven digits of the record's digest. */
  shown: string;
  anew: boolean;
}

/**
 * The answer to whoever asks for a plan that CI makes. It names the plan that it replaces, so that a job finds out what was
 * asked for and never done: a forge may cut off the one that was started for it. `shown`: the short digest of that plan.
 */
export function printStarted(shown: string | undefined): string {
  const until = shown === undefined ? '' : ` Until then ${escapeCode(shown)} stands there.`;
  return `**Started**: CI plans it. The plan comment changes, and the status \`gitmend/plan\` turns green or red, when it is done.${until}`;
}

/** Read back from an answer as it stands on the forge; `undefined` for any other comment. */
export function parseStarted(body: string): AskedOfCi | undefined {
  const lines = body.split(/\r?\n/);
  const shown = lines.flatMap(
    (line) => /^\*\*Started\*\*: .* Until then `([0-9a-f]{7})` stands there\.$/.exec(line)?.[1] ?? [],
  );
  const word = lines.flatMap((line) => /^Answer to `+ ?\/(dry-run|retry|plan)\b/.exec(line)?.[1] ?? []);
  if (!/^<!-- gitmend:answer\/[a-z0-9]+ -->$/.test(lines[0]?.trim() ?? '') || shown[0] === undefined) return undefined;
  return word.length === 1 ? { shown: shown[0], anew: word[0] !== 'plan' } : undefined;
}

/** The same on the dashboard, as the line says it whose box was ticked. */
export function printAskedByBox(shown: string | undefined): string {
  return `CI was asked to plan it anew${shown === undefined ? '' : `; until then ${shown} stands`}`;
}

/** Read back from what was noted of a box. */
export function parseAskedByBox(words: string): AskedOfCi | undefined {
  const shown = /^CI was asked to plan it anew; until then ([0-9a-f]{7}) stands$/.exec(words)?.[1];
  return shown === undefined ? undefined : { shown, anew: true };
}
