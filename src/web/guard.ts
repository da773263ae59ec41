import type { HttpBindings } from '@hono/node-server';
import type { Context, Next } from 'hono';
import type { ServeLog } from '../serve/log.ts';
import type { Metrics } from '../serve/metrics.ts';

export interface GuardSetup {
  /** The origins under which people open the page. */
  origins: readonly string[];
  metrics: Pick<Metrics, 'refusedRequests'>;
  log: ServeLog;
}

type Refused = { status: 403 | 411 | 413 | 421; reason: string; words: string };

/** Bytes: a form of ours is small; whatever is larger is none of ours. */
const largestForm = 16_384;

const headers: readonly (readonly [string, string])[] = [
  [
    'content-security-policy',
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  ],
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'DENY'],
  // Not `no-referrer`: with it a browser sends `Origin: null` with our own forms.
  ['referrer-policy', 'same-origin'],
  ['cross-origin-opener-policy', 'same-origin'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['permissions-policy', 'camera=(), microphone=(), geolocation=()'],
];

/** Nothing between us and the browser keeps what it was not told to keep. */
const kept = ['cache-control', 'no-store'] as const;

/**
 * Lets in what a browser sends to this page from this page, and nothing that another page or another name makes it send:
 * the Host must be one of ours (a foreign name that resolves here is DNS rebinding), and whatever changes something must
 * come from our own origin. Every answer carries the headers that keep it from being framed, sniffed or scripted.
 */
export function guard({
  origins,
  metrics,
  log,
}: GuardSetup): (c: Context<{ Bindings: HttpBindings }>, next: Next) => Promise<Response | undefined> {
  const hosts = new Set(origins.map((origin) => new URL(origin).host));
  return async (c, next) => {
    const refused = refusal(c, hosts, origins);
    if (refused !== undefined) {
      metrics.refusedRequests.inc({ reason: refused.reason });
      log('request-refused', { reason: refused.reason, method: c.req.method, path: c.req.path.slice(0, 100) }, 'warn');
      return new Response(`${refused.words}\n`, {
        status: refused.status,
        headers: {
          ...Object.fromEntries([...headers, kept]),
          'content-type': 'text/plain; charset=utf-8',
          connection: 'close',
        },
      });
    }
    await next();
    // What git answered is out already, over the connection itself.
    if (c.env.outgoing.headersSent) return undefined;
    for (const [name, value] of headers) c.res.headers.set(name, value);
    if (!c.res.headers.has(kept[0])) c.res.headers.set(...kept);
    return undefined;
  };
}

function refusal(
  c: Context<{ Bindings: HttpBindings }>,
  hosts: ReadonlySet<string>,
  origins: readonly string[],
): Refused | undefined {
  const host = c.req.header('host')?.toLowerCase() ?? '';
  if (!hosts.has(host)) {
    const words = `this address is not called ${JSON.stringify(host.slice(0, 100))}; gitmend serve --url names what it is called`;
    return { status: 421, reason: 'host', words };
  }
  const origin = c.req.header('origin');
  const site = c.req.header('sec-fetch-site');
  if (c.req.path.startsWith('/git/')) {
    // Git is no browser. A browser that was once given a password for this path would send it along for anybody's page.
    const browser = origin !== undefined || site !== undefined;
    return browser ? { status: 403, reason: 'browser', words: 'this is for git: git clone it' } : undefined;
  }
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return undefined;
  const own = origin === undefined ? site === 'same-origin' : isOwn(origin, host, origins);
  const crossed = site !== undefined && site !== 'same-origin';
  return own && !crossed
    ? oversized(c)
    : { status: 403, reason: 'origin', words: 'this was sent by another page, so nothing was done' };
}

/** A browser says how long its form is. What does not say it may go on for ever, and is not begun. */
function oversized(c: Context): Refused | undefined {
  const length = c.req.header('content-length');
  if (length === undefined) return { status: 411, reason: 'length', words: 'a form says how long it is' };
  return Number(length) > largestForm
    ? { status: 413, reason: 'size', words: `a form has at most ${largestForm} bytes` }
    : undefined;
}

/** Our origin, and the very one that is being spoken to: two names of ours are two sites to a browser. */
function isOwn(origin: string, host: string, origins: readonly string[]): boolean {
  return origins.includes(origin) && new URL(origin).host === host;
}
