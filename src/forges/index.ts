import { dirname } from 'node:path';
import type { Clock } from '../core/clock.ts';
import type { EnvReference, ForgeConfig } from '../core/config.ts';
import { GitmendError } from '../core/errors.ts';
import type { Forge } from './forge.ts';
import type { SharedPace } from './http/pace.ts';

export interface ForgeContext {
  /** The account that acts, where the forge does not know it from a credential. */
  as: string;
  clock: Clock;
  /** The value of a credential that the configuration names. Throws ENV_MISSING. */
  secret: (reference: EnvReference) => string;
  /** Told when a forge asks for patience. */
  tell?: (event: string, facts: { [key: string]: unknown }) => void;
  /** What is agreed upon with the other processes of the account, where the forge counts writes. */
  shared?: SharedPace;
  /** URL or path of the clone's `origin`, where there is a clone. */
  origin?: string;
}

type OpenForge = (config: ForgeConfig, context: ForgeContext) => Promise<Forge>;

/** One line per folder here; a test holds the two equal. Each is loaded by whoever is on it, and by nobody else. */
export const forges: { readonly [kind: string]: OpenForge } = {
  local: openLocal,
  gitea: openGitea,
  github: openGithub,
};

/** Opens the forge that gitmend.yaml names. Throws CONFIG_INVALID for a kind that this version does not have. */
export async function openForge(config: ForgeConfig, context: ForgeContext): Promise<Forge> {
  const open = forges[config.kind];
  if (open === undefined) {
    const known = Object.keys(forges).join(', ');
    throw new GitmendError('CONFIG_INVALID', `forge.kind: ${config.kind} is not part of this version, only ${known}`);
  }
  return open(config, context);
}

async function openLocal(config: ForgeConfig, context: ForgeContext): Promise<Forge> {
  const { openLocalForge } = await import('./local/index.ts');
  return openLocalForge({ folder: localFolder(config, context), as: context.as, clock: context.clock });
}

async function openGitea(config: ForgeConfig, { clock, secret, tell }: ForgeContext): Promise<Forge> {
  if (config.kind !== 'gitea' || config.url === undefined)
    throw new GitmendError('CONFIG_INVALID', 'forge.url is missing: a Gitea has no usual address');
  const { url, repository, token } = config;
  const { openGiteaForge } = await import('./gitea/index.ts');
  return openGiteaForge({ url, repository, token: secret(token), clock, ...(tell === undefined ? {} : { tell }) });
}

async function openGithub(config: ForgeConfig, { clock, secret, tell, shared }: ForgeContext): Promise<Forge> {
  if (config.kind !== 'github') throw new GitmendError('INTERNAL', `${config.kind} is no GitHub`);
  const { url, repository, token, app } = config;
  const identity =
    app !== undefined ? { app: { id: app.id, privateKey: secret(app.key) } } : token && { token: secret(token) };
  if (identity === undefined) throw new GitmendError('CONFIG_INVALID', 'forge: a GitHub needs token: or app:');
  const { openGithubForge } = await import('./github/index.ts');
  const told = { ...(url === undefined ? {} : { url }), ...(tell === undefined ? {} : { tell }) };
  return openGithubForge({ repository, identity, clock, ...told, ...(shared === undefined ? {} : { shared }) });
}

/** The folder of a local forge: `path`, or where the clone's origin (`…/repo.git`) lies. */
export function localFolder(config: ForgeConfig, { origin }: Pick<ForgeContext, 'origin'>): string {
  if (config.kind === 'local' && config.path !== undefined) return config.path;
  if (origin === undefined) {
    throw new GitmendError('FORGE_NOT_FOUND', 'forge.path is not set, and this folder is no clone with an origin');
  }
  return dirname(origin.replace(/^file:\/\//, ''));
}
