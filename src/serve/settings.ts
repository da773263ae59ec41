import { isIP } from 'node:net';
import { GitmendError } from '../core/errors.ts';

/** Where one listener listens. Port 0: any free one. */
export interface Address {
  host: string;
  port: number;
}

/** What an operator chooses for `gitmend serve`, trusted. */
export interface Settings {
  page: Address;
  /** The same address as the page's: one listener serves both. */
  door: Address;
  /** Addresses under which people open the page, as origins; a proxy in front of it has another name than the listener. */
  urls: string[];
  /** Of PostgreSQL; without one the store is a file of SQLite. */
  database?: string;
}

/** Loopback unless told: whoever opens the page to a network says so. */
const defaults = { page: '127.0.0.1:8787', door: '127.0.0.1:8788' };

export interface Chosen {
  page?: string;
  door?: string;
  url?: readonly string[];
}

/** Flags win over `GITMEND_PAGE`, `GITMEND_DOOR`, `GITMEND_URL` (several with commas). Throws USAGE with what is wrong. */
export function readSettings(chosen: Chosen, env: { readonly [name: string]: string | undefined }): Settings {
  const urls = chosen.url ?? (env['GITMEND_URL'] ?? '').split(',').flatMap((text) => text.trim() || []);
  const database = env['DATABASE_URL'] ?? '';
  return {
    page: readAddress('page', chosen.page ?? (env['GITMEND_PAGE'] || defaults.page)),
    door: readAddress('door', chosen.door ?? (env['GITMEND_DOOR'] || defaults.door)),
    urls: urls.map(readOrigin),
    ...(database === '' ? {} : { database }),
  };
}

/** `127.0.0.1:8787`, `[::1]:8787`, `:8787` (every address of this machine). */
function readAddress(what: string, text: string): Address {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:\s[\]]*)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? (plain === '' ? '::' : plain);
  const usable = host !== undefined && (bracketed === undefined || isIP(bracketed) === 6);
  if (!usable || Number(port) > 65_535)
    throw new GitmendError(
      'USAGE',
      `--${what}: ${JSON.stringify(text.slice(0, 80))} is no address like 127.0.0.1:8787`,
    );
  return { host, port: Number(port) };
}

function readOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const bare = url?.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
  if (url === undefined || !bare || !/^https?:$/.test(url.protocol))
    throw new GitmendError(
      'USAGE',
      `--url: ${JSON.stringify(text.slice(0, 80))} is no origin like https://gitmend.home.lan`,
    );
  return url.origin;
}

/** `127.0.0.1:8787` or `[::1]:8787`. */
export function printAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * The origins that a browser may name for a listener: those that were configured, and the ones that reach it from this
 * machine. A page of any other name, even one that resolves here, is somebody else's.
 */
export function ownOrigins(listening: Address, urls: readonly string[]): string[] {
  const here = ['127.0.0.1', '[::1]', 'localhost'];
  const named = isEvery(listening.host) ? [] : [printAddress(listening).replace(/:\d+$/, '')];
  const local = [...new Set([...named, ...(isEvery(listening.host) || isLoopback(listening.host) ? here : [])])];
  return [...new Set([...urls, ...local.map((host) => new URL(`http://${host}:${listening.port}`).origin)])];
}

function isEvery(host: string): boolean {
  return host === '::' || host === '0.0.0.0';
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
