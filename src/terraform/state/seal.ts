import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { GitmendError } from '../../core/errors.ts';

/** One key of 32 bytes, and the eight hex digits that it is known by. */
export interface StateKey {
  id: string;
  bytes: Buffer;
}

/** The first seals; all of them open. */
export type StateKeys = readonly [StateKey, ...StateKey[]];

/** A text that only a key opens, and which one. */
export interface Sealed {
  key: string;
  /** base64 of nonce, tag and ciphertext. */
  body: string;
}

const cipher = 'aes-256-gcm';
/** Bytes of a nonce: drawn anew for every state that is sealed, and never used twice with one key. */
export const nonceBytes = 12;
const tagBytes = 16;

/** 32 bytes as `openssl rand -base64 32` or `openssl rand -hex 32` print them; `undefined`: it is neither. */
export function readKey(text: string): StateKey | undefined {
  const plain = text.trim();
  const bytes = /^[0-9a-f]{64}$/i.test(plain) ? Buffer.from(plain, 'hex') : fromBase64(plain);
  if (bytes?.length !== 32) return undefined;
  const id = createHash('sha256').update('gitmend state key').update(bytes).digest('hex').slice(0, 8);
  return { id, bytes };
}

function fromBase64(text: string): Buffer | undefined {
  return /^[A-Za-z0-9+/]{43}=?$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}

/** AES-256-GCM; the stack's name is bound, so that one stack's state is never taken for another's. */
export function seal([{ id, bytes }]: StateKeys, stack: string, text: string, nonce: Uint8Array): Sealed {
  const sealing = createCipheriv(cipher, bytes, nonce).setAAD(Buffer.from(stack));
  const secret = Buffer.concat([sealing.update(text, 'utf8'), sealing.final()]);
  return { key: id, body: Buffer.concat([nonce, sealing.getAuthTag(), secret]).toString('base64') };
}

/** Throws TERRAFORM_STATE_SEALED where no key is the one that sealed it, or where it is not what was sealed. */
export function unseal(keys: StateKeys, stack: string, { key, body }: Sealed): string {
  const known = keys.find(({ id }) => id === key);
  if (known === undefined) {
    const named = keys.map(({ id }) => id).join(', ');
    throw new GitmendError(
      'TERRAFORM_STATE_SEALED',
      `the state of ${stack} was sealed with the key ${key}; known: ${named}`,
    );
  }
  const bytes = Buffer.from(body, 'base64');
  try {
    const opening = createDecipheriv(cipher, known.bytes, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
    opening.setAAD(Buffer.from(stack)).setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
    const plain = [opening.update(bytes.subarray(nonceBytes + tagBytes)), opening.final()];
    return Buffer.concat(plain).toString('utf8');
  } catch (error) {
    const message = `the state of ${stack} is not what was sealed with the key ${key}: it was damaged or changed`;
    throw new GitmendError('TERRAFORM_STATE_SEALED', message, { cause: error });
  }
}
