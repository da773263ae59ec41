import type { Config } from '../core/config.ts';
import { GitmendError } from '../core/errors.ts';
import { addressesOf } from '../forges/github/address.ts';
import type { CiJob } from './job.ts';

/** A job of another forge, or of the same one under another address, is not the one that gitmend.yaml speaks of. Throws CI_NOT_CHOSEN. */
export function demandSameForge({ forge }: Pick<Config, 'forge'>, job: CiJob): void {
  const repository = 'repository' in forge ? forge.repository : '';
  const url = 'url' in forge ? forge.url : undefined;
  // A Gitea without an address in gitmend.yaml is the one that the repository lies on.
  const server = forge.kind === 'github' ? addressesOf(url).web : (url ?? job.server);
  const named = `${forge.kind} ${repository} at ${server.replace(/\/+$/, '')}`;
  const here = `${job.forge} ${job.repository} at ${job.server.replace(/\/+$/, '')}`;
  if (named.toLowerCase() === here.toLowerCase()) return;
  const message = `gitmend.yaml names ${named}, and this job is of ${here}`;
  throw new GitmendError('CI_NOT_CHOSEN', message);
}
