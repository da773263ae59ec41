import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { HttpBindings } from '@hono/node-server';
import type { Store } from '../store/index.ts';
import type { Metrics } from '../serve/metrics.ts';
import type { Limiter } from './limiter.ts';
import type { Viewer } from './view/picture.ts';

type Ask = Context<{ Bindings: HttpBindings }>;

/** Seconds: a week, so that a phone that is woken at night is still logged in. */
const lifetime = 7 * 86_400;

export interface Doorman {
  /** Who asks; `undefined`: nobody who is logged in. */
  viewer(c: Ask): Promise<Viewer | undefined>;
  /** Exchanges a token for a session cookie. Why not, in words, where it does not. */
  login(c: Ask, token: string): Promise<{ ok: true } | { ok: false; status: 401 | 429; why: string }>;
  logout(c: Ask): Promise<void>;
  /** Who pushes or fetches: HTTP basic, with the account's token as password. */
  basic(c: Ask): Promise<Viewer | { status: 401 | 429; why: string }>;
}

export interface DoormanSetup {
  store: Pick<Store, 'accounts' | 'sessions'>;
  metrics: Pick<Metrics, 'logins'>;
  limiter: Limiter;
  origins: readonly string[];
}

/** Knows people by their token, and keeps knowing them by a cookie that no script and no other site can use. */
export function doorman(setup: DoormanSetup): Doorman {
  const { store, origins } = setup;
  const secure = (c: Ask) => origins.includes(`https://${c.req.header('host') ?? ''}`);
  // The prefix is the browser's promise that the cookie was set over TLS, for this host and for all of it.
  const name = (c: Ask) => (secure(c) ? '__Host-gitmend' : 'gitmend');
  const cookie = (c: Ask, value: string, maxAge: number) =>
    setCookie(c, name(c), value, { httpOnly: true, sameSite: 'Strict', secure: secure(c), path: '/', maxAge });
  return {
    viewer: async (c) => {
      const id = getCookie(c, name(c));
      return id === undefined ? undefined : store.sessions.verify(id);
    },
    login: async (c, token) => {
      const known = await verified(setup, c, token);
      if ('status' in known) return { ok: false, ...known };
      cookie(c, await store.sessions.create(known.name, lifetime), lifetime);
      return { ok: true };
    },
    logout: async (c) => {
      const id = getCookie(c, name(c));
      if (id !== undefined) await store.sessions.revoke(id);
      cookie(c, '', 0);
    },
    basic: async (c) => {
      const [, encoded = ''] =
        /^Basic +([A-Za-z0-9+/]{1,800}={0,2}) *$/i.exec(c.req.header('authorization') ?? '') ?? [];
      if (encoded === '') return { status: 401, why: 'git needs the name and the token of an account' };
      const text = Buffer.from(encoded, 'base64').toString('utf8');
      const colon = text.indexOf(':');
      const account = await verified(setup, c, text.slice(colon + 1));
      if ('status' in account) return account;
      const same = account.name.toLowerCase() === text.slice(0, Math.max(colon, 0)).toLowerCase();
      return same ? account : { status: 401, why: 'this token belongs to another name' };
    },
  };
}

/**
 * Who has this token. The token is looked at first: behind a proxy everybody has one address, and whoever has a right one
 * does not wait for what a neighbour gets wrong. A wrong one while its address waits is answered and leaves no trace
 * but a count.
 */
async function verified(
  { store, metrics, limiter }: DoormanSetup,
  c: Ask,
  token: string,
): Promise<Viewer | { status: 401 | 429; why: string }> {
  const who = c.env.incoming.socket.remoteAddress ?? '';
  const account = await store.accounts.verify(token.trim());
  if (account !== undefined) {
    metrics.logins.inc({ result: 'right' });
    limiter.succeeded(who);
    return account;
  }
  const wait = limiter.blocked(who);
  metrics.logins.inc({ result: wait > 0 ? 'blocked' : 'wrong' });
  if (wait > 0) return { status: 429, why: `too many wrong tokens from this address: wait ${wait} s` };
  limiter.failed(who);
  return { status: 401, why: 'nobody has this token' };
}
