import type { Proxmox } from 'proxmox-api';
import type { Parameters } from './encode.ts';

/** Sends one call: `get`, the whole path, the parameters of the call. */
export type Send = (verb: string, path: string, parameters?: Parameters) => Promise<unknown>;

/**
 * The API's paths as properties, typed by proxmox-api: `api.nodes.$('pve1').lxc.$(200).config.$get()`. Our own, because
 * importing that package's loads an HTTP client of 95 files that is never used here; its types cost nothing.
 */
export function apiPaths(send: Send): Proxmox.Api {
  return node(send, '/api2/json') as Proxmox.Api;
}

function node(send: Send, path: string): object {
  return new Proxy(Object.create(null) as object, {
    get(_, key) {
      // A path that is awaited or printed is no call.
      if (typeof key === 'symbol' || key === 'then') return undefined;
      if (key === '$') return (id: string | number) => node(send, `${path}/${segment(id)}`);
      if (key.startsWith('$')) return (parameters?: Parameters) => send(key.slice(1), path, parameters);
      return node(send, `${path}/${key.replace(/^_/, '')}`);
    },
  });
}

/** A slash inside of a parameter stays inside of its segment. */
function segment(id: string | number): string {
  return String(id).replaceAll('/', '%2F');
}
