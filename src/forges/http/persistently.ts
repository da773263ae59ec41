import type { Clock } from '../../core/clock.ts';
import { GitmendError } from '../../core/errors.ts';
import { judge, longestWait } from './back-off.ts';
import type { ApiAnswer, Exchange } from './exchange.ts';

export interface Persistence {
  /** Name of the forge in messages. */
  name: string;
  clock: Clock;
  /** Told when the forge asks for patience, so that waiting is never silent. */
  tell?: (event: 'forge-waits', facts: { [key: string]: unknown }) => void;
}

const attempts = 5;

/**
 * One request until it is answered: a read is repeated, a write is sent again only when the forge said that it did not do
 * it. Throws FORGE_FAILED; of a write with `details.unknown` where nobody knows whether it was done.
 */
export async function persistently(
  { clock, name, tell }: Persistence,
  { method, path }: { method: string; path: string },
  exchange: () => Promise<Exchange>,
): Promise<ApiAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    const verdict = judge(await exchange(), attempt, clock.now());
    if (verdict.kind === 'answered') return verdict.answer;
    const unknown = verdict.kind === 'unknown';
    const again = attempt < attempts && verdict.wait <= longestWait && (!unknown || method === 'GET');
    if (!again) {
      const later = unknown ? '' : `; it asks to wait ${Math.ceil(verdict.wait / 1000)} s`;
      throw new GitmendError('FORGE_FAILED', `${name}: ${method} ${path}: ${verdict.why}${later}`, {
        details: { unknown: unknown && method !== 'GET' },
      });
    }
    tell?.('forge-waits', { method, path, why: verdict.why, wait: verdict.wait });
    await clock.sleep(verdict.wait);
  }
}
