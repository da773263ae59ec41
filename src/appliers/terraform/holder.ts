import { z } from 'zod';
import { readBounded } from '../../clients/bounded.ts';
import { heldBy } from './failure.ts';

const text = z
  .string()
  .default('')
  .transform((said) => said.replace(/\p{Cc}/gu, '').slice(0, 200));
const shape = z.object({ ID: text, Who: text, Operation: text, Created: text });

/**
 * Who holds the lock of a state at gitmend's own door, in a sentence; `undefined` where nobody does any more, or the door
 * does not say: then what Terraform said has to do. Never rejects.
 */
export async function holderAt(
  address: string,
  { user, password }: { user: string; password: string },
): Promise<string | undefined> {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  try {
    const answer = await fetch(`${address}/lock`, {
      headers: { authorization },
      redirect: 'error',
      signal: AbortSignal.timeout(3000),
    });
    if (!answer.ok) return undefined;
    const {
      ID: id,
      Who: who,
      Operation: operation,
      Created: created,
    } = shape.parse(JSON.parse(await readBounded(answer, 32 * 1024)));
    return heldBy({ id, who, operation, created });
  } catch {
    return undefined;
  }
}
