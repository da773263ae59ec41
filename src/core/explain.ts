import { type ErrorCode, errorCatalogue } from './errors.ts';
import { diagnosisOutcomes, findings, runOutcomes, stopReasons, waitingStates } from './outcome.ts';

/** What an error code or an outcome word means, and for an error what to do. */
export interface Explained {
  /** As it is written: `PVE_LOCKED`, `not-verified`. */
  word: string;
  means: string;
  /** Only of errors: `retry`, `wait`, `needs-human`, `bug`, and the next command or deed. */
  error?: { action: string; next: string };
}

const words: { readonly [word: string]: string } = {
  ...runOutcomes,
  ...diagnosisOutcomes,
  ...stopReasons,
  ...waitingStates,
  ...findings,
};

/** `undefined` for what is neither an error code nor an outcome. */
export function explain(text: string): Explained | undefined {
  const [code, word] = [text.toUpperCase(), text.toLowerCase()];
  if (Object.hasOwn(errorCatalogue, code)) {
    const { action, means, next } = errorCatalogue[code as ErrorCode];
    return { word: code, means, error: { action, next } };
  }
  const means = Object.hasOwn(words, word) ? words[word] : undefined;
  return means === undefined ? undefined : { word, means };
}
