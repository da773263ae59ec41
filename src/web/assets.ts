import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const types = {
  'style.css': 'text/css',
  'page.js': 'text/javascript',
  'login.js': 'text/javascript',
  'icon.svg': 'image/svg+xml',
} as const;
type Name = keyof typeof types;

export interface Assets {
  /** Address by name, with the digest of the content, so that a new version is another address. */
  links: { readonly [name in Name]: string };
  get(name: string): { body: string; type: string } | undefined;
}

/** The style, the script and the icon: read once, and served to anyone who reached the login. */
export function openAssets(): Assets {
  const files = new Map<string, { body: string; type: string }>();
  const links: { [name: string]: string } = {};
  for (const [name, type] of Object.entries(types)) {
    const body = readFileSync(new URL(`./assets/${name}`, import.meta.url), 'utf8');
    files.set(name, { body, type: `${type}; charset=utf-8` });
    links[name] = `/assets/${name}?v=${createHash('sha256').update(body).digest('hex').slice(0, 12)}`;
  }
  return { links: links as Assets['links'], get: (name) => files.get(name) };
}
