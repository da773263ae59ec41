import { readMailUrl, type MailRoute } from '../config/mail-url.ts';
import type { EnvReference, NotifyConfig } from '../core/config.ts';
import { GitmendError } from '../core/errors.ts';
import { digestOf, short } from '../core/json.ts';

interface Common {
  /** The same after a restart, and no secret: what waits in the outbox names it. */
  id: string;
  /** For messages: kind and host. A path may be the secret. */
  name: string;
}

export type Destination =
  | (Common & { kind: 'webhook'; url: URL; token?: string })
  | (Common & { kind: 'ntfy'; server: URL; topic: string; token?: string })
  | (Common & { kind: 'mail'; route: MailRoute; login?: { user: string; password: string } });

export type Env = { readonly [name: string]: string | undefined };

/** One destination with the values of its variables. Throws ENV_MISSING, or CONFIG_INVALID where a variable holds no address. */
export function destinationOf(config: NotifyConfig, env: Env): Destination {
  const text = typeof config.url === 'string' ? config.url : valueOf(config.url, env);
  const secret = config.secret === undefined ? undefined : valueOf(config.secret, env);
  const id = short(digestOf({ kind: config.kind, url: config.url }));
  const invalid = (problem: string): GitmendError =>
    new GitmendError('CONFIG_INVALID', `notify: the ${config.kind} ${placeOf(config)} ${problem}`);
  if (config.kind === 'mail') return mail(text, secret, id, invalid);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw invalid('is not an address of http or https');
  const token = secret === undefined ? {} : { token: secret };
  const common = { id, name: `${config.kind} at ${url.host}`, ...token };
  if (config.kind === 'webhook') return { kind: 'webhook', url, ...common };
  const [, topic] = /^\/([A-Za-z0-9_-]{1,64})\/?$/.exec(url.pathname) ?? [];
  if (topic === undefined) throw invalid('names no topic: write https://host/topic');
  return { kind: 'ntfy', server: new URL('/', url), topic, ...common };
}

/** Every value of a variable that these destinations name. */
export function secretsOf(configs: readonly NotifyConfig[], env: Env): string[] {
  const references = configs.flatMap(({ url, secret }) =>
    [...(typeof url === 'string' ? [] : [url]), secret ?? []].flat(),
  );
  const values = references.map(({ env: name }) => env[name] ?? '');
  // A mail login is user:password; the password alone must not appear either.
  return values.flatMap((value) => [value, value.slice(value.indexOf(':') + 1)]);
}

function mail(
  text: string,
  secret: string | undefined,
  id: string,
  invalid: (problem: string) => GitmendError,
): Destination {
  const route = readMailUrl(text);
  if ('problem' in route) throw invalid(`${route.problem}; ${route.mend}`);
  const common = { kind: 'mail' as const, id, name: `mail by ${route.host}`, route };
  if (secret === undefined) return common;
  const colon = secret.indexOf(':');
  if (colon < 1) throw invalid('has a secret that is not user:password');
  return { ...common, login: { user: secret.slice(0, colon), password: secret.slice(colon + 1) } };
}

function valueOf({ env: name }: EnvReference, env: Env): string {
  const value = env[name] ?? '';
  if (value.trim() === '') throw new GitmendError('ENV_MISSING', `${name} is not set: notify in gitmend.yaml names it`);
  return value.trim();
}

/** Which one is meant, without what a variable holds. */
function placeOf({ url }: NotifyConfig): string {
  if (typeof url !== 'string') return `of env:${url.env}`;
  return URL.canParse(url) && new URL(url).host !== '' ? `at ${new URL(url).host}` : 'with that address';
}
