import { secretShape } from '../config/secrets.ts';

/** One structured line: what happened, and its details. */
export type ServeLog = (
  event: string,
  details?: { readonly [key: string]: unknown },
  level?: 'info' | 'warn' | 'error',
) => void;

/**
 * JSON lines through pino, with every known secret blotted out wherever in a line it appears. `secrets` are the values
 * of the variables that this process was given.
 */
export async function openServeLog(
  write: (line: string) => void,
  { secrets, level }: { secrets: readonly string[]; level: string },
): Promise<ServeLog> {
  const { pino } = await import('pino');
  const redact = redactor(secrets);
  const logger = pino(
    {
      level,
      base: null,
      messageKey: 'event',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => write(redact(line)) },
  );
  return (event, details = {}, at = 'info') => logger[at](details, event);
}

/** Takes known secrets, and what cannot be anything but one, out of a line. */
export function redactor(secrets: readonly string[]): (line: string) => string {
  // Short values would blot out words that are none: a token of less than eight letters is no token.
  const known = [...new Set(secrets)].filter((secret) => secret.length >= 8).sort((a, b) => b.length - a.length);
  const forms = known.flatMap((secret) => [
    ...new Set([secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]),
  ]);
  return (line) => {
    const blotted = forms.reduce((text, form) => text.replaceAll(form, '[redacted]'), line);
    const bare = blotted.replace(/\b(Bearer|Basic) [A-Za-z0-9._~+/=-]{8,}/g, '$1 [redacted]');
    return secretShape(bare) === undefined ? bare : bare.replace(/"(?:[^"\\]|\\.)*"/g, blotString);
  };
}

function blotString(text: string): string {
  return secretShape(text) === undefined ? text : '"[redacted]"';
}
