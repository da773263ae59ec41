import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Whether an `Authorization` header holds the token. Digests are compared, so neither the length nor the first wrong
 * letter shows in the time that it takes. An empty token opens nothing, whatever is presented.
 */
export function bearerIs(token: string): (header: string | undefined) => boolean {
  const wanted = digest(token);
  return (header) => {
    const [, presented = ''] = /^Bearer +(\S+) *$/i.exec(header ?? '') ?? [];
    return timingSafeEqual(digest(presented), wanted) && token !== '' && presented !== '';
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
