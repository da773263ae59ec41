import { describe, expect, it } from 'vitest';
import { rawRequest, standingDoor } from './standing-door.ts';

const hooks = { giteaSecret: 'a-secret-of-the-web-hook' };
const github = { githubSecret: 'a-secret-of-the-web-hook' };
const sha1 = `sha1=${'0'.repeat(40)}`;

/** A request that says it has a body and never sends any: only who does not wait for it answers. */
const headOf = (door: string, line: string) =>
  `POST /signals/${door} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n${line}\r\n\r\n`;

describe('a door asks who it is before it reads a body', () => {
  it.each([
    ['gitea', 'no signature', 'x-any: 1', hooks],
    ['gitea', 'an empty signature', 'x-gitea-signature: ', hooks],
    ['gitea', 'letters that are no digits', `x-gitea-signature: ${'g'.repeat(64)}`, hooks],
    ['gitea', 'a digit too few', `x-gitea-signature: ${'0'.repeat(63)}`, hooks],
    ['gitea', 'a digit too many', `x-gitea-signature: ${'0'.repeat(65)}`, hooks],
    ['github', 'no signature', 'x-any: 1', github],
    ['github', 'no scheme', `x-hub-signature-256: ${'0'.repeat(64)}`, github],
    ['github', 'another scheme', `x-hub-signature-256: ${sha1}`, github],
    ['github', 'a digit too few', `x-hub-signature-256: sha256=${'0'.repeat(63)}`, github],
    ['alertmanager', 'no token', 'x-any: 1', {}],
    ['alertmanager', 'a wrong token', 'authorization: Bearer wrong', {}],
  ])('%s, with %s: refused, counted, nothing stored', async (kind, _, line, options) => {
    const door = await standingDoor(options);
    const answer = await rawRequest(door.port, (send) => send(headOf(kind, line)));
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer).toMatch(/connection: close/i);
    const reason = kind === 'alertmanager' ? 'token' : 'signature';
    expect(await door.sample(`gitmend_deliveries_total{door="${kind}",result="refused",reason="${reason}"}`)).toBe(1);
    expect([door.wakened.times, await door.stored()]).toEqual([0, 0]);
    expect(JSON.parse(door.logged[0] ?? '{}')).toMatchObject({ event: 'delivery-refused', door: kind, reason });
  });
});
