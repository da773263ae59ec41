import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** Plain data: what can be written to git and read back unchanged. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What a text holds as JSON; undefined where it is missing, or none. */
export function jsonIn(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '') as unknown;
  } catch {
    return undefined;
  }
}

/** `sha256:` and 64 hex digits. */
export type Digest = `sha256:${string}`;

/**
 * Canonical JSON of a value (RFC 8785), so that equal values have equal digests on every machine.
 * Properties that are `undefined` are left out, as JSON does.
 */
export function canonical(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('only JSON values have a canonical form');
  return text;
}

/** The digest of a value's canonical JSON. */
export function digestOf(value: unknown): Digest {
  return digestOfText(canonical(value));
}

/** The digest of a text, byte for byte (UTF-8). */
export function digestOfText(text: string): Digest {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** The first seven hex digits: what people read aloud. */
export function short(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 7);
}

/** Whether two JSON values are the same value. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === undefined || b === undefined) return a === b;
  return canonical(a) === canonical(b);
}
