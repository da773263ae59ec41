import { createHash, timingSafeEqual } from 'node:crypto';
import type { Config, EnvReference, StateConfig } from '../../core/config.ts';
import { GitmendError } from '../../core/errors.ts';
import { readKey, type StateKey, type StateKeys, type StateRole } from '../../terraform/state/index.ts';

/** What opens the door for Terraform's state, and what the states are sealed with. */
export interface StateAccess {
  read: string;
  write: string;
  keys: StateKeys;
}

type Env = { readonly [name: string]: string | undefined };

/** Absent where gitmend.yaml names no such door. Throws ENV_MISSING and TERRAFORM_STATE_UNGUARDED: then nothing starts. */
export function stateAccessOf({ terraform }: Pick<Config, 'terraform'>, env: Env): StateAccess | undefined {
  const setting = terraform?.state;
  if (setting === undefined) return undefined;
  const keys = stateKeysOf(setting, env);
  const [read, write] = [
    valueOf(setting.read, env, 'the password of the user read'),
    valueOf(setting.write, env, 'the password of the user write'),
  ];
  if (read === write)
    throw new GitmendError(
      'TERRAFORM_STATE_UNGUARDED',
      `${setting.read.env} and ${setting.write.env} are the same: who reads could write`,
    );
  return { read, write, keys };
}

/** The keys alone, for whoever opens what is kept. Throws ENV_MISSING and TERRAFORM_STATE_UNGUARDED. */
export function stateKeysOf({ key, formerKeys }: StateConfig, env: Env): StateKeys {
  return [keyOf(key, env), ...formerKeys.map((one) => keyOf(one, env))];
}

function keyOf(reference: EnvReference, env: Env): StateKey {
  const key = readKey(valueOf(reference, env, 'a key of the state'));
  if (key === undefined)
    throw new GitmendError(
      'TERRAFORM_STATE_UNGUARDED',
      `${reference.env} is no key of 32 bytes in base64 or hexadecimal digits`,
    );
  return key;
}

function valueOf({ env: name }: EnvReference, env: Env, what: string): string {
  const value = (env[name] ?? '').trim();
  if (value === '') throw new GitmendError('ENV_MISSING', `${name} is not set: terraform.state names it (${what})`);
  return value;
}

/**
 * Whose name and password an `Authorization: Basic` header holds. Digests of both roles are compared, whichever is named,
 * so that nothing shows in the time that it takes.
 */
export function stateRoleOf({ read, write }: StateAccess): (header: string | undefined) => StateRole | undefined {
  const [reader, writer] = [digest(`read:${read}`), digest(`write:${write}`)];
  return (header) => {
    const [, encoded = ''] = /^Basic +([A-Za-z0-9+/]{1,800}={0,2}) *$/i.exec(header ?? '') ?? [];
    const presented = digest(Buffer.from(encoded, 'base64').toString('utf8'));
    const [reads, writes] = [timingSafeEqual(presented, reader), timingSafeEqual(presented, writer)];
    if (writes) return 'write';
    return reads ? 'read' : undefined;
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
