import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { concernOf } from '../../../src/serve/door/hook.ts';
import { GitmendError } from '../../../src/core/errors.ts';
import { type DoorOptions, type StandingDoor, standingDoor } from './standing-door.ts';

const secret = 'a-secret-of-the-web-hook';
const event = JSON.stringify({ action: 'closed', number: 7, pull_request: { merged: true } });
const id = '72d3162e-cc78-11e3-81ab-4c9367dc0958';
const digest = (body: string, by = secret) => createHmac('sha256', by).update(body).digest('hex');

/** The two forges: how each opens its door, and what it sends. */
const forges = {
  github: {
    open: (options: DoorOptions = {}) => standingDoor({ ...options, githubSecret: secret }),
    headers: (body: string, by?: string) => ({
      'x-hub-signature-256': `sha256=${digest(body, by)}`,
      'x-github-event': 'pull_request',
    }),
    number: 'x-github-delivery',
  },
  gitea: {
    open: (options: DoorOptions = {}) => standingDoor({ ...options, giteaSecret: secret }),
    headers: (body: string, by?: string) => ({
      'x-gitea-signature': digest(body, by),
      'x-gitea-event': 'pull_request',
    }),
    number: 'x-gitea-delivery',
  },
};

describe.each(['github', 'gitea'] as const)('an event of %s that comes again', (kind) => {
  const forge = forges[kind];
  const send = async (door: StandingDoor, delivery: string | undefined, body = event, by?: string) => {
    const numbered = delivery === undefined ? {} : { [forge.number]: delivery };
    const headers = { 'content-type': 'application/json', ...forge.headers(body, by), ...numbered };
    const answer = await fetch(`${door.url}/signals/${kind}`, { method: 'POST', headers, body });
    return [answer.status, (await answer.text()).trim()];
  };
  const counted = (door: StandingDoor, reason: string) =>
    door.sample(`gitmend_deliveries_total{door="${kind}",result="accepted",reason="${reason}"}`);

  it('wakes nobody: it is answered that it was taken, and counted', async () => {
    const door = await forge.open();
    expect(await send(door, id)).toEqual([200, 'looking']);
    expect(await send(door, id)).toEqual([200, 'taken already']);
    expect([door.wakened.times, await door.stored()]).toEqual([1, 0]);
    expect([await counted(door, 'accepted'), await counted(door, 'known')]).toEqual([1, 1]);
  });

  it('wakes where its number is another one, and where nobody numbered it', async () => {
    const door = await forge.open();
    for (const delivery of [id, 'another', undefined, undefined, 'no number at all', 'x'.repeat(65), 'x'.repeat(65)])
      expect(await send(door, delivery)).toEqual([200, 'looking']);
    expect(door.wakened.times).toBe(7);
  });

  it('is not silenced by somebody who sends another one under its number', async () => {
    const door = await forge.open();
    await send(door, id, `${event} `);
    expect(await send(door, id)).toEqual([200, 'looking']);
    expect(door.wakened.times).toBe(2);
  });

  it('is not remembered where its signature was wrong', async () => {
    const taken: string[] = [];
    const door = await forge.open();
    const { heard } = door.store;
    const watched = await forge.open({
      heard: { ...heard, take: async (one) => (taken.push(one.id), heard.take(one)) },
    });
    expect((await send(watched, id, event, 'another secret'))[0]).toBe(401);
    expect(taken).toEqual([]);
    expect(await send(watched, id)).toEqual([200, 'looking']);
    expect(taken).toEqual([id]);
  });

  it('wakes one of two replicas on one store', async () => {
    const first = await forge.open();
    const second = await forge.open({ heard: first.store.heard });
    expect([await send(first, id), await send(second, id)]).toEqual([
      [200, 'looking'],
      [200, 'taken already'],
    ]);
    expect([first.wakened.times, second.wakened.times]).toEqual([1, 0]);
  });

  it('wakes where the store cannot say, and is told in the log', async () => {
    const away = async () => Promise.reject(new GitmendError('STORE_UNREACHABLE', 'the server is away'));
    const door = await forge.open({ heard: { take: away, forget: async () => 0 } });
    expect([await send(door, id), await send(door, id)]).toEqual([
      [200, 'looking'],
      [200, 'looking'],
    ]);
    expect(door.wakened.times).toBe(2);
    expect(door.logged.filter((line) => line.includes('delivery-not-remembered'))).toHaveLength(2);
  });

  it('is not kept waiting by a store that does not answer', async () => {
    const silent = () => new Promise<never>(() => undefined);
    const door = await forge.open({ heard: { take: silent, forget: async () => 0 } });
    expect(await send(door, id)).toEqual([200, 'looking']);
    expect(door.wakened.times).toBe(1);
  });
});

describe('what an event is about', () => {
  it.each([
    ['issue_comment', 'comments'],
    ['issues', 'issues'],
    ['pull_request', 'pull-requests'],
    ['pull_request_review', 'pull-requests'],
    ['pull_request_approved', 'pull-requests'],
    // Gitea: said in a review. What is said in the conversation is issue_comment, whose type has this name.
    ['pull_request_comment', 'pull-requests'],
    ['push', 'pull-requests'],
    ['status', 'checks'],
    ['check_suite', 'checks'],
    ['workflow_run', 'checks'],
    ['repository', 'anything'],
    [undefined, 'anything'],
  ])('of %s is %s', (event, concern) => {
    expect(concernOf(event)).toBe(concern);
  });
});
