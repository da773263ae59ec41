import type { Clock } from '../../core/clock.ts';
import { GitmendError } from '../../core/errors.ts';
import { judge, quotaWait } from './back-off.ts';
import type { ApiAnswer, Exchange } from './exchange.ts';
import { type ForgeTime, forgeTime } from './forge-time.ts';
import type { SharedPace, Turn } from './pace.ts';
import { type Quiet, quietOf, type QuietOptions } from './quiet.ts';

/** How one client of one account asks its forge. */
export interface Persistence {
  /** Name of the forge in messages. */
  name: string;
  clock: Clock;
  /** Told when the forge asks for patience, so that waiting is never silent. */
  tell?: QuietOptions['tell'];
  quiet: Quiet;
  time: ForgeTime;
  /** With the other processes of the account, where they can agree. */
  shared?: SharedPace;
}

/** Of a client that has not asked anything yet. */
export function persistenceOf({ name, clock, tell, shared }: QuietOptions & Pick<Persistence, 'shared'>): Persistence {
  const told = { name, clock, ...(tell === undefined ? {} : { tell }) };
  return { ...told, quiet: quietOf(told), time: forgeTime(clock), ...(shared === undefined ? {} : { shared }) };
}

const attempts = 5;

/**
 * One request until it is answered: a read is repeated, a write is sent again only when the forge said that it did not do
 * it. Nothing is sent while the forge wants quiet, nor before its `turn`. Throws FORGE_FAILED; of a write with
 * `details.unknown` where nobody knows whether it was done.
 */
export async function persistently(
  persistence: Persistence,
  request: { method: string; path: string; turn?: Turn },
  exchange: () => Promise<Exchange>,
): Promise<ApiAnswer> {
  const { clock, name, tell } = persistence;
  const { method, path } = request;
  for (let attempt = 1; ; attempt += 1) {
    await permitted(persistence, request);
    const verdict = judge(await heard(persistence, exchange), attempt, persistence.time.now());
    if (verdict.kind === 'answered') return verdict.answer;
    const unknown = verdict.kind === 'unknown';
    if (!unknown) {
      persistence.quiet.begin(verdict.wait, verdict.why);
      await persistence.shared?.hold(verdict.wait);
    }
    if (attempt === attempts || (unknown && method !== 'GET'))
      throw new GitmendError('FORGE_FAILED', `${name}: ${method} ${path}: ${verdict.why}`, {
        details: { unknown: unknown && method !== 'GET' },
      });
    if (!unknown) continue;
    tell?.('forge-waits', { method, path, why: verdict.why, wait: verdict.wait });
    await clock.sleep(verdict.wait);
  }
}

/** Quiet first, then the turn: those who waited for the same moment do not all begin in it. */
async function permitted(
  { quiet }: Persistence,
  { method, path, turn }: Parameters<typeof persistently>[1],
): Promise<void> {
  await quiet.over({ method, path });
  if (turn === undefined) return;
  do await turn();
  while (await quiet.over({ method, path }));
}

/** What an answer says of the forge is known to every request after it, whatever becomes of this one. */
async function heard({ quiet, time }: Persistence, exchange: () => Promise<Exchange>): Promise<Exchange> {
  const result = await exchange();
  if (!result.ok) return result;
  time.heard(result.answer.headers);
  const wait = quotaWait(result.answer.headers, time.now());
  if (wait !== undefined) quiet.begin(wait, 'its quota of requests is used up');
  return result;
}
