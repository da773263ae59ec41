import { createDecipheriv, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';

/** Whether a text is what ansible-vault wrote. */
export function isVault(text: string): boolean {
  return text.startsWith('$ANSIBLE_VAULT;');
}

/**
 * What ansible-vault encrypted (formats 1.1 and 1.2 with AES256, ansible/parsing/vault), or `undefined` where the
 * password is another or the text was touched. gitmend reads it itself, so that what is inside is judged and hidden like
 * everything else, and no run holds the password.
 */
export function openVault(text: string, password: string): string | undefined {
  const [header = '', ...lines] = text.trim().split('\n');
  if (!/^\$ANSIBLE_VAULT;1\.[12];AES256(?:;[^;]*)?\s*$/.test(header)) return undefined;
  const body = fromHex(lines.map((line) => line.trim()).join(''));
  const [salt, mac, cipher] = body?.toString('latin1').split('\n').map(fromHex) ?? [];
  if (salt === undefined || mac === undefined || cipher === undefined) return undefined;
  const key = pbkdf2Sync(password, salt, 10_000, 80, 'sha256');
  const own = createHmac('sha256', key.subarray(32, 64)).update(cipher).digest();
  if (own.length !== mac.length || !timingSafeEqual(own, mac)) return undefined;
  const decipher = createDecipheriv('aes-256-ctr', key.subarray(0, 32), key.subarray(64, 80));
  const padded = Buffer.concat([decipher.update(cipher), decipher.final()]);
  const padding = padded.at(-1) ?? 0;
  return padding < 1 || padding > 16 ? undefined : padded.subarray(0, padded.length - padding).toString();
}

function fromHex(text: string): Buffer | undefined {
  return text.length % 2 === 0 && /^[0-9a-f]+$/.test(text) ? Buffer.from(text, 'hex') : undefined;
}
