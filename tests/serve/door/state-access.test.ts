import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config/read.ts';
import { stateAccessOf } from '../../../src/serve/door/state-access.ts';
import { accessOf, key, otherKey } from './state-lab.ts';

describe('the door for states is not opened', () => {
  it.each<[string, { [name: string]: string }, string, string]>([
    ['a password', { READ: ' ' }, 'ENV_MISSING', 'READ is not set'],
    ['the other password', { WRITE: '' }, 'ENV_MISSING', 'WRITE is not set'],
    ['a key', { KEY: '' }, 'ENV_MISSING', 'KEY is not set'],
    ['two passwords', { READ: 'same', WRITE: 'same ' }, 'TERRAFORM_STATE_UNGUARDED', 'READ and WRITE are the same'],
    ['a whole key', { KEY: 'c2hvcnQ=' }, 'TERRAFORM_STATE_UNGUARDED', 'KEY is no key of 32 bytes'],
  ])('without %s', (_, env, code, says) => {
    expect(() => accessOf(env)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(says) }));
  });

  it('without a former key that is named', () => {
    expect(() => accessOf({}, ['OLD'])).toThrow('OLD is not set');
    expect(accessOf({ OLD: otherKey }, ['OLD']).keys).toHaveLength(2);
  });

  it('where gitmend.yaml names none', () => {
    expect(stateAccessOf({}, { KEY: key })).toBeUndefined();
  });
});

describe('terraform.state of gitmend.yaml', () => {
  const read = (url: string) =>
    readConfig(
      [
        'version: 1',
        'forge: { kind: local }',
        'clusters: [{ name: home, endpoint: https://pve1.home.lan:8006, ca: certs/ca.pem, read: env:PVE_READ }]',
        `terraform: { state: { url: "${url}", read: env:S_READ, write: env:S_WRITE, key: env:S_KEY } }`,
      ].join('\n'),
    );

  it.each(['https://gitmend.home.lan', 'http://127.0.0.1:8788', 'http://localhost:8788/', 'http://[::1]:8788'])(
    'may be %s',
    (url) => {
      const config = read(url);
      expect(config).toMatchObject({ ok: true });
      expect(config.ok && config.value.terraform?.state).toEqual({
        ...{ url: url.replace(/\/$/, ''), read: { env: 'S_READ' }, write: { env: 'S_WRITE' }, key: { env: 'S_KEY' } },
        formerKeys: [],
      });
    },
  );

  it.each([
    ['http://gitmend.home.lan:8788', 'would send the password and the state in the clear'],
    ['http://localhost.evil:8788', 'would send the password and the state in the clear'],
    ['https://gitmend.home.lan/terraform/state', 'has a path'],
    ['gitmend.home.lan', 'is not an address'],
  ])('may not be %s', (url, problem) => {
    const config = read(url);
    expect(config.ok ? [] : config.faults).toMatchObject([
      { field: 'terraform.state.url', problem: expect.stringContaining(problem) as string },
    ]);
  });
});
