import { appendFile } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Lab } from '../../demo/lab.ts';
import { startServe } from '../../src/serve/index.ts';
import { cli } from '../support/deliver-cli.ts';
import { basic, key, lockText, otherKey, readPassword, stateText, writePassword } from './door/state-lab.ts';
import { doorLab, setupOf } from './served.ts';

const secrets = { S_READ: readPassword, S_WRITE: writePassword, S_KEY: key };

/** A lab whose gitmend.yaml names the door for states. */
async function stateLab(): Promise<Lab> {
  const lab = await doorLab();
  const state = '{ url: "http://127.0.0.1:8788", read: env:S_READ, write: env:S_WRITE, key: env:S_KEY }';
  await appendFile(`${lab.clone}/gitmend.yaml`, `terraform: { state: ${state} }\n`);
  return lab;
}

async function started(lab: Lab, env: { [name: string]: string } = secrets) {
  const setup = setupOf(lab);
  const serving = await startServe({ ...setup, env: { ...setup.env, ...env } });
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= serving.stop());
  onTestFinished(stop);
  const door = serving.door.replace('/signals/alertmanager', '/terraform/state');
  const ask = (method: string, path: string, body?: string, user: 'read' | 'write' = 'write') =>
    fetch(`${door}/${path}`, {
      method,
      headers: { authorization: basic(user, user === 'read' ? readPassword : writePassword) },
      ...(body === undefined ? {} : { body }),
    });
  return { ask, stop, logged: setup.logged, door };
}

describe('gitmend serve with terraform.state', () => {
  it('keeps state and lock over its own restart, and prints no secret', async () => {
    const lab = await stateLab();
    const first = await started(lab);
    expect((await first.ask('LOCK', 'guests', lockText('alice-1'))).status).toBe(200);
    expect((await first.ask('POST', 'guests?ID=alice-1', stateText(1))).status).toBe(200);
    expect((await first.ask('POST', 'guests', stateText(2), 'read')).status).toBe(403);
    await first.stop();
    const second = await started(lab);
    expect(await (await second.ask('GET', 'guests', undefined, 'read')).text()).toBe(stateText(1));
    const held = await second.ask('LOCK', 'guests', lockText('bob-1'));
    expect([held.status, await held.text()]).toEqual([423, lockText('alice-1')]);
    // The answer was lost with the process: the same again is no other version.
    expect((await second.ask('POST', 'guests?ID=alice-1', stateText(1))).status).toBe(200);
    const printed = [...first.logged, ...second.logged].join('');
    expect(printed).toContain('"event":"state-kept"');
    for (const secret of [...Object.values(secrets), 'hunter2', 'terraform_data'])
      expect(printed).not.toContain(secret);
  });

  it.each([
    ['a password', { S_WRITE: '' }, 'ENV_MISSING'],
    ['a key', { S_KEY: 'short' }, 'TERRAFORM_STATE_UNGUARDED'],
    ['two passwords', { S_WRITE: readPassword }, 'TERRAFORM_STATE_UNGUARDED'],
  ])('does not start without %s', async (_, env, code) => {
    const lab = await stateLab();
    const setup = setupOf(lab);
    const start = startServe({ ...setup, env: { ...setup.env, ...secrets, ...env } });
    await expect(start).rejects.toMatchObject({ code });
  });

  it('has no such door where gitmend.yaml names none', async () => {
    const one = await started(await doorLab());
    expect((await one.ask('GET', 'guests')).status).toBe(404);
    expect((await one.ask('LOCK', 'guests', lockText('a'))).status).toBe(404);
    expect(await (await one.ask('POST', 'guests', stateText(1))).text()).toBe('there is nothing here\n');
  });
});

describe('gitmend terraform state', () => {
  it('lists what is kept and who holds it, prints a version, and takes a lock away, beside a serve that runs', async () => {
    const lab = await stateLab();
    const serve = await started(lab);
    const { env, clock } = setupOf(lab);
    const call = (more: { [name: string]: string }, ...words: string[]) =>
      cli({ directory: lab.clone, clock, env: { ...definedIn(env), ...more } }, 'terraform', 'state', ...words);
    expect((await call({}, 'list')).out).toBe('no state is kept here\n');
    await serve.ask('LOCK', 'guests', lockText('alice-1', 'alice\u001b[31m@desk'));
    await serve.ask('POST', 'guests?ID=alice-1', stateText(1));
    await serve.ask('POST', 'guests?ID=alice-1', stateText(2));
    const listed = (await call({}, 'list')).out.split('\n');
    expect(listed).toHaveLength(5);
    expect(listed[1]).toMatch(/^guests {2}2 {7}\d{4}-\S+Z {2}\S+ \S+ +key [0-9a-f]{8} +alice\[31m@desk$/);
    expect(listed[3]).toMatch(
      /^guests is locked by alice\[31m@desk \(OperationTypeApply\) as the user write, since \d{4}-\S+Z, lock alice-1$/,
    );
    expect((await call({ S_KEY: key }, 'show', 'guests')).out).toBe(`${stateText(2)}\n`);
    expect((await call({ S_KEY: key }, 'show', 'guests', '--serial', '1')).out).toBe(`${stateText(1)}\n`);
    expect(await call({ S_KEY: otherKey }, 'show', 'guests')).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/^TERRAFORM_STATE_SEALED: /) as string,
    });
    expect((await call({ S_KEY: key }, 'show', 'guests', '--serial', '9')).err).toMatch(/^TERRAFORM_STATE_NOT_FOUND: /);
    expect((await call({}, 'unlock', 'guests')).out).toMatch(/left as it is\n$/);
    expect((await serve.ask('LOCK', 'guests', lockText('bob-1'))).status).toBe(423);
    expect((await call({}, 'unlock', 'guests', '--yes')).out).toMatch(/the state of guests is free\n$/);
    expect((await serve.ask('LOCK', 'guests', lockText('bob-1'))).status).toBe(200);
  });
});

function definedIn(env: { readonly [name: string]: string | undefined }): { [name: string]: string } {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
