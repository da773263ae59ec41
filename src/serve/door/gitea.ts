import { concernOf, type HookDoor, hookDoor } from './hook.ts';
import { signedBy } from './signature.ts';

/**
 * `POST /signals/gitea`. Gitea's events carry GitHub's headers as well; the path tells the two forges apart. Gitea gives
 * up after 5 seconds.
 */
export function giteaDoor(setup: HookDoor): ReturnType<typeof hookDoor> {
  const isSigned = signedBy(setup.secret);
  return hookDoor(setup, {
    door: 'gitea',
    patience: 5_000,
    signature: (header) => header('x-gitea-signature'),
    isSigned,
    delivery: (header) => header('x-gitea-delivery'),
    concern: (header) => concernOf(header('x-gitea-event')),
    unsigned:
      'X-Gitea-Signature is missing or wrong: give the web hook the secret that forge.webhookSecret names, and application/json',
  });
}
