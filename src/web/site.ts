import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import type { Clock } from '../core/clock.ts';
import { digestOfText } from '../core/json.ts';
import type { Ground } from '../deliver/world.ts';
import type { ServeLog } from '../serve/log.ts';
import type { Metrics } from '../serve/metrics.ts';
import type { Store } from '../store/index.ts';
import type { Assets } from './assets.ts';
import { layout, type Page } from './html/layout.ts';
import type { forgeOfPerson } from './person.ts';
import type { liveReader } from './reading.ts';
import type { Doorman } from './session.ts';
import type { Picture } from './view/picture.ts';

/** What the entry point brings. */
export interface PageSetup {
  ground: Ground;
  store: Pick<Store, 'accounts' | 'sessions' | 'inbox'>;
  clock: Clock;
  metrics: Pick<Metrics, 'refusedRequests' | 'logins'>;
  log: ServeLog;
  /** The origins under which people open the page: everything else is refused. */
  origins: readonly string[];
  picture: () => Picture;
  /** Git or the forge changed by what a person did here. */
  poke: () => void;
}

/** Everything that the routes stand on, constructed once. */
export interface Site extends PageSetup {
  assets: Assets;
  people: Doorman;
  forgeOf: ReturnType<typeof forgeOfPerson>;
  live: ReturnType<typeof liveReader>;
}

export type App = Hono<{ Bindings: HttpBindings }>;
export type Ask = Context<{ Bindings: HttpBindings }>;

/** A page as text, in the frame that all share. */
export function printPage({ assets }: Pick<Site, 'assets'>, page: Omit<Page, 'assets'>): string {
  return layout({ ...page, assets: assets.links }).toString();
}

/** The same page again costs a digest: that is how a page that updates itself asks every two seconds. */
export function answer(c: Ask, text: string): Response {
  const tag = `"${digestOfText(text).slice(7, 39)}"`;
  const common = { etag: tag, 'cache-control': 'private, no-cache' };
  return c.req.header('if-none-match') === tag ? c.body(null, 304, common) : c.html(text, 200, common);
}

/**
 * A link from elsewhere comes without our cookie (SameSite=Strict). Such a visit is asked once more from here, and then
 * the cookie is with it.
 */
export function askToLogin(c: Ask): Response | Promise<Response> {
  if (c.req.method === 'GET' && c.req.header('sec-fetch-site') === 'cross-site')
    return c.html(
      '<!doctype html><meta http-equiv="refresh" content="0"><title>gitmend</title><p><a href="">Go on</a></p>',
    );
  return c.redirect(`/login?next=${encodeURIComponent(c.req.method === 'GET' ? c.req.path : '/')}`, 303);
}

/** Milliseconds for a form to arrive: what comes slower than that is not typed on a page of ours. */
const patience = 10_000;

/** The fields of a form, whose size the guard has seen; none of what is no form. One that does not come in time is hung up on. */
export async function formOf(c: Ask): Promise<{ [name: string]: string }> {
  const late = setTimeout(() => c.env.incoming.destroy(), patience);
  const form = await c.req
    .parseBody()
    .catch(() => ({}))
    .finally(() => clearTimeout(late));
  return Object.fromEntries(
    Object.entries(form).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
