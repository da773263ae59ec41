import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signedBy } from '../../../src/serve/door/signature.ts';
import { standingDoor } from './standing-door.ts';

const secret = 'a-secret-of-the-web-hook';
const event = JSON.stringify({ action: 'closed', number: 7, pull_request: { merged: true, title: 'größer → 3072' } });
const signatureOf = (body: string, by = secret) => createHmac('sha256', by).update(body).digest('hex');

function post(url: string, body: string, headers: { [name: string]: string }): Promise<Response> {
  return fetch(`${url}/signals/gitea`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-gitea-event': 'pull_request', ...headers },
    body,
  });
}

const counted = 'gitmend_deliveries_total{door="gitea",result="refused",reason="signature"}';

describe('the door for Gitea', () => {
  it('wakes the planning for a signed event, and stores nothing of it', async () => {
    const door = await standingDoor({ giteaSecret: secret });
    const answer = await post(door.url, event, { 'x-gitea-signature': signatureOf(event) });
    expect([answer.status, door.wakened.times, await door.stored()]).toEqual([200, 1, 0]);
    expect(await door.sample('gitmend_deliveries_total{door="gitea",result="accepted",reason="accepted"}')).toBe(1);
  });

  it.each([
    ['a wrong signature', { 'x-gitea-signature': signatureOf(event, 'another secret') }],
    ['the signature of another body', { 'x-gitea-signature': signatureOf(`${event} `) }],
    ['a cut signature', { 'x-gitea-signature': signatureOf(event).slice(0, 62) }],
    ['no signature', {}],
    ['an empty signature, as a web hook without a secret sends', { 'x-gitea-signature': '' }],
    ['the signature of an empty secret', { 'x-gitea-signature': signatureOf(event, '') }],
    ['GitHub’s header alone', { 'x-hub-signature-256': `sha256=${signatureOf(event)}` }],
  ])('refuses %s: counted, nothing stored, nobody woken', async (_, headers) => {
    const door = await standingDoor({ giteaSecret: secret });
    const answer = await post(door.url, event, headers);
    expect([answer.status, door.wakened.times, await door.stored()]).toEqual([401, 0, 0]);
    expect(await door.sample(counted)).toBe(1);
    expect(door.logged.join()).not.toContain(secret);
  });

  it('is not there where the forge is no Gitea', async () => {
    const door = await standingDoor();
    expect((await post(door.url, event, { 'x-gitea-signature': signatureOf(event, '') })).status).toBe(404);
  });

  it('reads no body without an end', async () => {
    const door = await standingDoor({ giteaSecret: secret });
    const large = 'x'.repeat(5 * 1024 * 1024);
    expect((await post(door.url, large, { 'x-gitea-signature': signatureOf(large) })).status).toBe(413);
    expect(door.wakened.times).toBe(0);
  });
});

describe('a signature', () => {
  it('opens nothing where there is no secret', () => {
    expect(signedBy('')(event, signatureOf(event, ''))).toBe(false);
    expect(signedBy(secret)(event, signatureOf(event))).toBe(true);
  });
});
