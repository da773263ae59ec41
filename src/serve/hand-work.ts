import { systemClock } from '../cli/clock.ts';
import { openGround } from '../cli/ground.ts';
import { codedError } from '../core/errors.ts';
import type { Ground } from '../deliver/world.ts';
import { healDelivery } from '../pipeline/heal.ts';
import { countingForge } from './forge-writes.ts';
import type { FromHand, HandSetup } from './hand.ts';

/** What the thread does: heals one batch after the other, and tells through `say` what came of it. Never rejects. */
export function handWork(
  setup: HandSetup,
  say: (said: FromHand) => void,
): (payloads: readonly string[]) => Promise<void> {
  let ground: Promise<Ground> | undefined;
  return async (payloads) => {
    ground ??= openOwn(setup, say);
    const own = await ground.catch((error: unknown) => {
      // The next time it is tried anew; the thread that asked has a ground that is open.
      ground = undefined;
      say({ say: 'unusable', message: codedError(error).message });
      return undefined;
    });
    if (own === undefined) return;
    try {
      say({ say: 'healed', results: await healDelivery(own, payloads, () => say({ say: 'at-work' })) });
    } catch (error) {
      const { code, message, stack } = codedError(error);
      say({ say: 'failed', code, message, stack });
    }
  };
}

async function openOwn(setup: HandSetup, say: (said: FromHand) => void): Promise<Ground> {
  const log = (...line: Parameters<Ground['log']>) => say({ say: 'log', line });
  const ground = await openGround({ ...setup, role: 'read', clock: systemClock, log });
  const tell = (intent: string, result: string) => say({ say: 'forge-write', intent, result });
  return { ...ground, forge: countingForge(ground.forge, tell) };
}
