import { createHmac, createHash } from 'node:crypto';
import type { World } from './world.ts';

/** Deliveries that are under way, so that a test can wait for them. */
const underWay = new WeakMap<World, Set<Promise<unknown>>>();

/**
 * Sends events to the web hooks, signed as validating-webhook-deliveries says. Nobody waits for the answer, and what is not
 * taken is not sent again.
 */
export function sender(world: World, now: number): (event: string, payload: object) => void {
  return (event, payload) => {
    for (const { url, secret } of world.hooks) {
      const body = JSON.stringify({ ...payload, repository: { full_name: `${world.owner}/${world.name}` } });
      const delivery = createHash('sha256')
        .update(`${event} ${now} ${(world.ids += 1)}`)
        .digest('hex')
        .slice(0, 32);
      const sent = fetch(url, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'GitHub-Hookshot/stand-in',
          'x-github-event': event,
          'x-github-delivery': delivery,
          'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
        },
      }).then(
        (answer) => answer.arrayBuffer(),
        () => undefined,
      );
      const all = underWay.get(world) ?? new Set();
      underWay.set(world, all.add(sent));
      void sent.finally(() => all.delete(sent));
    }
  };
}

/** Resolves when every delivery has been answered, or was lost. */
export async function delivered(world: World): Promise<void> {
  await Promise.all([...(underWay.get(world) ?? [])]);
}
