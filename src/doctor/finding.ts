import { errorCatalogue, isGitmendError } from '../core/errors.ts';

/** One thing that was tried. */
export interface Finding {
  level: 'ok' | 'warn' | 'fault';
  /** What was looked at: `cluster home`, `git` … */
  about: string;
  /** What was found, one sentence without a full stop. Never a secret. */
  what: string;
  /** What to do about it; '' where nothing. */
  mend: string;
}

/** Says what was found about one thing. */
export interface Say {
  ok: (what: string) => Finding;
  warn: (what: string, mend: string) => Finding;
  fault: (what: string, mend: string) => Finding;
}

export function about(thing: string): Say {
  return {
    ok: (what) => ({ level: 'ok', about: thing, what, mend: '' }),
    warn: (what, mend) => ({ level: 'warn', about: thing, what, mend }),
    fault: (what, mend) => ({ level: 'fault', about: thing, what, mend }),
  };
}

/** One attempt. A coded error is a fault with the catalogue's mend; nothing else is known to be safe to print. */
export async function attempt(thing: string, tried: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await tried();
  } catch (error) {
    if (!isGitmendError(error)) return [about(thing).fault('failed in a way that gitmend does not know', 'report it')];
    return [about(thing).fault(error.message, errorCatalogue[error.code].next)];
  }
}
