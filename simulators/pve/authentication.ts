import type { Token, World } from './world.ts';

/**
 * The token of `Authorization: PVEAPIToken=user@realm!name=secret`, or PVE's reason for none. Whatever is wrong with it is
 * "Authentication failed!": the log knows more, the caller does not (pve-manager `PVE::HTTPServer::auth_handler`,
 * pve-http-server `extract_auth_value`, pve-access-control `verify_token`).
 */
export function authenticate(
  world: World,
  header: string | undefined,
  now: number,
): Token | 'No ticket' | 'Authentication failed!' {
  const credential = /(?:^|\s)PVEAPIToken(?:=| )([^;]*)/.exec(header ?? '')?.[1];
  if (credential === undefined || credential === '') return 'No ticket';
  const [, id = '', secret = ''] = /^(.*)=(.*)$/.exec(decode(credential)) ?? [];
  const token = world.tokens.get(id);
  const valid = token !== undefined && token.secret === secret && !isExpired(token, now);
  return valid ? token : 'Authentication failed!';
}

function isExpired({ expire }: Token, now: number): boolean {
  return expire !== undefined && expire > 0 && expire < now / 1000;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
