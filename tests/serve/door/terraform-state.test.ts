import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { freshStore, onBothEngines } from '../../store/engines.ts';
import { rawRequest } from './standing-door.ts';
import {
  accessOf,
  basic,
  key,
  lockText,
  otherKey,
  readPassword,
  stateDoor,
  stateText,
  writePassword,
} from './state-lab.ts';

const md5 = (text: string): string => createHash('md5').update(text).digest('base64');
const result = (method: string, word: string): string =>
  `gitmend_terraform_state_requests_total{method="${method}",result="${word}"}`;

onBothEngines('the door for states of Terraform', (engine) => {
  const standing = async () => {
    const lab = await freshStore(engine);
    return { ...lab, door: await stateDoor(lab) };
  };

  it('gives back what was put, byte for byte with its MD5, and 404 where there is none', async () => {
    const { door, store } = await standing();
    expect((await door.ask('GET', 'guests', { as: 'read' })).status).toBe(404);
    const text = stateText(1);
    const put = await door.ask('POST', 'guests', { body: text, headers: { 'content-md5': md5(text) } });
    expect(put.status).toBe(200);
    const got = await door.ask('GET', 'guests', { as: 'read' });
    expect([got.status, got.headers.get('content-md5'), got.headers.get('cache-control')]).toEqual([
      200,
      md5(text),
      'no-store',
    ]);
    expect(await got.text()).toBe(text);
    expect((await door.ask('GET', 'others', { as: 'read' })).status).toBe(404);
    const kept = await store.states.newest('guests');
    expect(kept).toMatchObject({ serial: 1, size: text.length, deleted: false });
    // At rest nothing of it can be read.
    const raw = `${kept?.body ?? ''}${Buffer.from(kept?.body ?? '', 'base64').toString('latin1')}`;
    expect(raw).not.toMatch(/hunter2|terraform_data|lineage/);
  });

  it('locks for one, tells everybody else who that is, and takes writes under that lock alone', async () => {
    const { door } = await standing();
    const alice = lockText('alice-1');
    expect((await door.ask('LOCK', 'guests', { body: alice, as: 'read' })).status).toBe(200);
    const bob = await door.ask('LOCK', 'guests', { body: lockText('bob-1', 'bob@laptop') });
    expect([bob.status, bob.headers.get('content-type'), await bob.text()]).toEqual([423, 'application/json', alice]);
    for (const path of ['guests', 'guests?ID=bob-1']) {
      const refused = await door.ask('POST', path, { body: stateText(1) });
      expect([refused.status, await refused.text()]).toEqual([423, alice]);
    }
    expect((await door.ask('DELETE', 'guests')).status).toBe(423);
    expect((await door.ask('POST', 'guests?ID=alice-1', { body: stateText(1) })).status).toBe(200);
    // Of another stack it is no lock.
    expect((await door.ask('LOCK', 'others', { body: lockText('bob-1') })).status).toBe(200);
    expect((await door.ask('UNLOCK', 'guests', { body: lockText('bob-1') })).status).toBe(409);
    expect((await door.ask('UNLOCK', 'guests', { body: alice, as: 'read' })).status).toBe(200);
    const late = await door.ask('POST', 'guests?ID=alice-1', { body: stateText(2) });
    expect([late.status, await late.text()]).toEqual([
      409,
      'nothing was changed: the lock alice-1 is not held any more: somebody took it away meanwhile\n',
    ]);
  });

  it('takes what comes a second time, because its answer was lost, as what it is', async () => {
    const { door, store } = await standing();
    const lock = lockText('alice-1');
    for (const [method, path, body] of [
      ['LOCK', 'guests', lock],
      ['POST', 'guests?ID=alice-1', stateText(1)],
      ['UNLOCK', 'guests', lock],
    ] as const)
      for (const time of ['once', 'twice']) {
        expect([time, (await door.ask(method, path, { body })).status]).toEqual([time, 200]);
      }
    expect((await store.states.list()).versions).toHaveLength(1);
    expect(await store.states.lock('guests')).toBeUndefined();
    expect(await door.sample(result('POST', 'kept-already'))).toBe(1);
  });

  it.each([
    ['an older one', { serial: 2 }, 'the serial 2 is not newer: 3 is kept already'],
    [
      'another one of the same serial',
      { outputs: { a: 1 } },
      'the serial 3 is not newer: 3 is kept with another content',
    ],
    ['one of another lineage', { serial: 9, lineage: 'other' }, 'the lineage other is another one than d7043a50'],
  ])('refuses %s with 409 and why, and takes it by force, as one more version', async (_, other, why) => {
    const { door, store } = await standing();
    await door.ask('POST', 'guests', { body: stateText(3) });
    const refused = await door.ask('POST', 'guests', { body: stateText(3, other) });
    expect([refused.status, await refused.text()]).toEqual([409, expect.stringContaining(why)]);
    expect(await (await door.ask('GET', 'guests')).text()).toBe(stateText(3));
    expect((await door.ask('POST', 'guests?force=true', { body: stateText(3, other) })).status).toBe(200);
    expect(await (await door.ask('GET', 'guests')).text()).toBe(stateText(3, other));
    expect((await store.states.list()).versions).toHaveLength(2);
  });

  it.each([
    ['no JSON', 'hello', 'it is not JSON'],
    ['another version', stateText(1, { version: 3 }), 'it is no state of version 4: version'],
    ['no state at all', '{"hunter2":1}', 'it is no state of version 4: version, terraform_version, serial, lineage'],
    ['a serial that is none', stateText(1, { serial: -1 }), 'it is no state of version 4: serial'],
    ['a list', '[]', 'it is no state of version 4: the whole'],
    ['what OpenTofu encrypted', '{"encrypted_data":"x","serial":1}', 'OpenTofu encrypted it'],
  ])('stores nothing of %s, and repeats nothing of it', async (_, body, why) => {
    const { door, store } = await standing();
    const refused = await door.ask('POST', 'guests', { body });
    const words = await refused.text();
    expect([refused.status, words]).toEqual([422, expect.stringContaining(why)]);
    expect(words + door.logged.join('')).not.toContain('hunter2');
    expect((await store.states.list()).versions).toEqual([]);
  });

  it('refuses what is not what its Content-MD5 was made of', async () => {
    const { door, store } = await standing();
    const headers = { 'content-md5': md5(stateText(2)) };
    expect((await door.ask('POST', 'guests', { body: stateText(1), headers })).status).toBe(400);
    expect((await door.ask('LOCK', 'guests', { body: lockText('a'), headers })).status).toBe(400);
    expect(await store.states.list()).toEqual({ versions: [], locks: [] });
    expect(await door.sample(result('POST', 'md5'))).toBe(1);
  });

  it('takes the state away, keeps its versions, and lets another one begin', async () => {
    const { door, store } = await standing();
    await door.ask('POST', 'guests', { body: stateText(7) });
    expect((await door.ask('DELETE', 'guests')).status).toBe(200);
    expect((await door.ask('DELETE', 'guests')).status).toBe(200);
    expect((await door.ask('GET', 'guests')).status).toBe(404);
    expect((await store.states.list()).versions.map(({ serial, deleted }) => [serial, deleted])).toEqual([
      [7, true],
      [7, false],
    ]);
    expect((await door.ask('POST', 'guests', { body: stateText(1, { lineage: 'new' }) })).status).toBe(200);
  });

  it('lets the user read look and lock, and neither write nor take a writer’s lock away', async () => {
    const { door, store } = await standing();
    await door.ask('POST', 'guests', { body: stateText(1) });
    expect((await door.ask('GET', 'guests', { as: 'read' })).status).toBe(200);
    expect((await door.ask('POST', 'guests', { as: 'read', body: stateText(2) })).status).toBe(403);
    expect((await door.ask('DELETE', 'guests', { as: 'read' })).status).toBe(403);
    const writers = lockText('writer-1');
    await door.ask('LOCK', 'guests', { body: writers });
    // It was told the id by a 423, and still may not.
    expect((await door.ask('UNLOCK', 'guests', { as: 'read', body: writers })).status).toBe(403);
    expect((await door.ask('UNLOCK', 'guests', { as: 'read' })).status).toBe(403);
    expect(await store.states.lock('guests')).toMatchObject({ id: 'writer-1', role: 'write' });
    expect((await door.ask('UNLOCK', 'guests')).status).toBe(200);
    await door.ask('LOCK', 'guests', { as: 'read', body: lockText('reader-1') });
    expect((await door.ask('UNLOCK', 'guests', { as: 'read' })).status).toBe(403);
    expect((await door.ask('UNLOCK', 'guests', { as: 'read', body: lockText('reader-1') })).status).toBe(200);
  });

  it('keeps one of two writes that come at once, and one of two locks', async () => {
    const { door, store } = await standing();
    await door.ask('POST', 'guests', { body: stateText(1) });
    const both = ['one', 'two'].map((who) => door.ask('POST', 'guests', { body: stateText(2, { outputs: { who } }) }));
    expect((await Promise.all(both)).map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await store.states.list()).versions.map(({ serial }) => serial)).toEqual([2, 1]);
    const locks = ['one', 'two', 'three'].map((id) => door.ask('LOCK', 'guests', { body: lockText(id) }));
    expect((await Promise.all(locks)).map(({ status }) => status).sort()).toEqual([200, 423, 423]);
  });

  it('opens nothing with another key, writes nothing on top of it, and opens it again with the former one', async () => {
    const { door, store, clock } = await standing();
    await door.ask('POST', 'guests', { body: stateText(1) });
    const other = await stateDoor({ store, clock }, accessOf({ KEY: otherKey }));
    const refused = await other.ask('GET', 'guests');
    expect([refused.status, await refused.text()]).toEqual([
      500,
      expect.stringMatching(
        /^TERRAFORM_STATE_SEALED: the state of guests was sealed with the key [0-9a-f]{8}; known: [0-9a-f]{8}\n/,
      ),
    ]);
    expect((await other.ask('POST', 'guests', { body: stateText(2) })).status).toBe(500);
    expect((await store.states.list()).versions).toHaveLength(1);
    const turned = await stateDoor({ store, clock }, accessOf({ KEY: otherKey, OLD: key }, ['OLD']));
    expect(await (await turned.ask('GET', 'guests')).text()).toBe(stateText(1));
    await turned.ask('POST', 'guests', { body: stateText(2) });
    expect(await (await other.ask('GET', 'guests')).text()).toBe(stateText(2));
    expect((await door.ask('GET', 'guests')).status).toBe(500);
  });

  it('opens to nobody with a wrong password, counts them, and tells them to wait, but never who is right', async () => {
    const { door, clock } = await standing();
    const wrong = [
      ...['', 'Basic ', `Bearer ${writePassword}`, basic('write', ''), basic('read', writePassword)],
      ...[basic('write', readPassword), basic('', writePassword), basic('write', `${writePassword}x`)],
      ...[basic('admin', writePassword), basic('write', writePassword.slice(0, -1))],
    ];
    for (const as of wrong) {
      // One address may be wrong ten times in five minutes.
      const answer = await door.ask('GET', 'guests', { as });
      expect([as, answer.status, answer.headers.get('www-authenticate')]).toEqual([as, 401, 'Basic realm="gitmend"']);
    }
    expect((await door.ask('GET', 'guests', { as: 'Basic x' })).status).toBe(429);
    clock.advance(300_001);
    expect((await door.ask('GET', 'guests', { as: 'Basic x' })).status).toBe(401);
    expect((await door.ask('GET', 'guests', { as: 'read' })).status).toBe(404);
    // Who is right begins to count anew.
    expect((await door.ask('GET', 'guests', { as: 'Basic x' })).status).toBe(401);
    expect(await door.sample(result('GET', 'password'))).toBe(wrong.length + 2);
    expect(await door.sample(result('GET', 'blocked'))).toBe(1);
    const printed = door.logged.join('\n');
    for (const secret of [readPassword, writePassword, Buffer.from(writePassword).toString('base64').slice(0, 12)])
      expect(printed).not.toContain(secret);
  });

  it('asks who it is before it reads a body, and never reads an endless one', async () => {
    const { door } = await standing();
    const head = (method: string, as: string, length: number): string =>
      `${method} /terraform/state/guests HTTP/1.1\r\nhost: x\r\nauthorization: ${as}\r\ncontent-length: ${length}\r\n\r\n`;
    const [writer, reader] = [basic('write', writePassword), basic('read', readPassword)];
    expect(await rawRequest(door.port, (send) => send(head('POST', basic('write', 'x'), 1000)))).toMatch(
      /^HTTP\/1\.1 401 /,
    );
    expect(await rawRequest(door.port, (send) => send(head('POST', reader, 1000)))).toMatch(/^HTTP\/1\.1 403 /);
    const large = await rawRequest(door.port, (send) => send(head('POST', writer, 8 * 1024 * 1024 + 1)));
    expect(large).toMatch(/^HTTP\/1\.1 413 [^]*has more than 8388608 bytes; split the stack/);
    expect(await rawRequest(door.port, (send) => send(head('LOCK', writer, 20_000)))).toMatch(/^HTTP\/1\.1 413 /);
  });

  it.each(['..%2fetc', 'a%00b', '-x', 'x'.repeat(65), 'a.b'])('knows no stack called %s', async (name) => {
    const { door, store } = await standing();
    expect((await door.ask('POST', name, { body: stateText(1) })).status).toBe(404);
    expect((await door.ask('LOCK', name, { body: lockText('a') })).status).toBe(404);
    expect(await store.states.list()).toEqual({ versions: [], locks: [] });
  });
});
