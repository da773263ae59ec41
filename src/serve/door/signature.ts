import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Whether a body is signed with the secret: HMAC-SHA256 as bare hexadecimal digits, which is what Gitea sends as
 * `X-Gitea-Signature`. Compared in constant time. An empty secret opens nothing, and so does an empty signature, which is
 * what Gitea sends where its web hook has no secret.
 */
export function signedBy(secret: string): (body: string, signature: string | undefined) => boolean {
  return (body, signature = '') => {
    const wanted = createHmac('sha256', secret).update(body, 'utf8').digest();
    const given = Buffer.from(looksSigned(signature) ? signature : '', 'hex');
    return secret !== '' && given.length === wanted.length && timingSafeEqual(given, wanted);
  };
}

/** Whether it can be a signature at all: asked before a body is read, so that nobody fills the memory without one. */
export function looksSigned(signature: string | undefined): signature is string {
  return /^[0-9a-f]{64}$/i.test(signature ?? '');
}
