import { wakingEvents } from '../../forges/github/events.ts';
import { concernOf, type HookDoor, hookDoor } from './hook.ts';
import { signedBy } from './signature.ts';

/**
 * `POST /signals/github`, for the web hook of a GitHub App or of a repository. GitHub signs as `sha256=` and hexadecimal
 * digits (validating-webhook-deliveries), waits 10 seconds, and never sends a second time by itself.
 */
export function githubDoor(setup: HookDoor): ReturnType<typeof hookDoor> {
  const isSigned = signedBy(setup.secret);
  const known: readonly string[] = wakingEvents;
  return hookDoor(setup, {
    door: 'github',
    patience: 10_000,
    signature: (header) => /^sha256=(.*)$/.exec(header('x-hub-signature-256') ?? '')?.[1],
    isSigned,
    delivery: (header) => header('x-github-delivery'),
    unsigned: 'X-Hub-Signature-256 is missing or wrong: give the web hook the secret that forge.webhookSecret names',
    // `ping`, `installation` and whatever else a hook was set to send are heard and change nothing.
    concern: (header) => {
      const event = header('x-github-event');
      return known.includes(event ?? '') ? concernOf(event) : undefined;
    },
  });
}
