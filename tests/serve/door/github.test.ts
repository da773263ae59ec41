import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { standingDoor } from './standing-door.ts';

const secret = 'a-secret-of-the-web-hook';
const event = JSON.stringify({ action: 'closed', number: 7, pull_request: { merged: true, title: 'größer → 3072' } });
const digest = (body: string, by = secret) => createHmac('sha256', by).update(body).digest('hex');
const signed = (body: string, by = secret) => ({ 'x-hub-signature-256': `sha256=${digest(body, by)}` });

function post(url: string, body: string, headers: { [name: string]: string }, path = 'github'): Promise<Response> {
  return fetch(`${url}/signals/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-github-event': 'pull_request', ...headers },
    body,
  });
}

const sampleOf = (result: string, reason: string) =>
  `gitmend_deliveries_total{door="github",result="${result}",reason="${reason}"}`;

describe('the door for GitHub', () => {
  it('wakes the planning for a signed event, and stores nothing of it', async () => {
    const door = await standingDoor({ githubSecret: secret });
    const answer = await post(door.url, event, signed(event));
    expect([answer.status, door.wakened.times, await door.stored()]).toEqual([200, 1, 0]);
    expect(await door.sample(sampleOf('accepted', 'accepted'))).toBe(1);
  });

  it('verifies the example of GitHub’s own documentation', async () => {
    // validating-webhook-deliveries, "Testing the webhook payload validation"
    const door = await standingDoor({ githubSecret: "It's a Secret to Everybody" });
    const header = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
    const answer = await post(door.url, 'Hello, World!', { 'x-hub-signature-256': header });
    expect([answer.status, door.wakened.times]).toEqual([200, 1]);
  });

  it.each([
    ['a wrong signature', signed(event, 'another secret')],
    ['the signature of another body', signed(`${event} `)],
    ['a cut signature', { 'x-hub-signature-256': `sha256=${digest(event).slice(0, 62)}` }],
    ['no signature', {}],
    ['an empty signature', { 'x-hub-signature-256': '' }],
    ['a signature without its scheme', { 'x-hub-signature-256': digest(event) }],
    ['the signature of an empty secret', signed(event, '')],
    ['the old SHA-1 alone', { 'x-hub-signature': `sha1=${createHmac('sha1', secret).update(event).digest('hex')}` }],
    ['Gitea’s header alone', { 'x-gitea-signature': digest(event) }],
  ])('refuses %s: counted, nothing stored, nobody woken', async (_, headers) => {
    const door = await standingDoor({ githubSecret: secret });
    const answer = await post(door.url, event, headers);
    expect([answer.status, door.wakened.times, await door.stored()]).toEqual([401, 0, 0]);
    expect(await door.sample(sampleOf('refused', 'signature'))).toBe(1);
    expect(door.logged.join()).not.toContain(secret);
  });

  it.each(['ping', 'installation', 'star', ''])('hears %j and does nothing', async (name) => {
    const door = await standingDoor({ githubSecret: secret });
    const answer = await post(door.url, event, { ...signed(event), 'x-github-event': name });
    expect([answer.status, door.wakened.times]).toEqual([200, 0]);
    expect(await door.sample(sampleOf('accepted', 'other-event'))).toBe(1);
  });

  it('is not there where the forge is another one, and the other one’s is not here', async () => {
    const gitea = await standingDoor({ giteaSecret: secret });
    expect((await post(gitea.url, event, signed(event))).status).toBe(404);
    const github = await standingDoor({ githubSecret: secret });
    expect((await post(github.url, event, { 'x-gitea-signature': digest(event) }, 'gitea')).status).toBe(404);
  });

  it('reads no body without an end', async () => {
    const door = await standingDoor({ githubSecret: secret });
    const large = 'x'.repeat(5 * 1024 * 1024);
    expect((await post(door.url, large, signed(large))).status).toBe(413);
    expect(door.wakened.times).toBe(0);
  });
});
