import { describe, expect, test } from 'vitest';
import type { NotifyConfig } from '../../src/core/config.ts';
import { telling } from './telling.ts';

describe('a destination that cannot be used', () => {
  test.each<[string, NotifyConfig, { [name: string]: string }, string, string]>([
    ['no variable', { kind: 'ntfy', url: { env: 'URL' } }, {}, 'ENV_MISSING', 'URL is not set'],
    [
      'no secret',
      { kind: 'ntfy', url: 'https://n/t', secret: { env: 'S' } },
      { S: ' ' },
      'ENV_MISSING',
      'S is not set',
    ],
    [
      'a variable that is none',
      { kind: 'webhook', url: { env: 'U' } },
      { U: 'hidden' },
      'CONFIG_INVALID',
      'the webhook of env:U is not an address',
    ],
    [
      'no topic',
      { kind: 'ntfy', url: 'https://ntfy.home.lan' },
      {},
      'CONFIG_INVALID',
      'the ntfy at ntfy.home.lan names no topic',
    ],
    ['two topics', { kind: 'ntfy', url: 'https://ntfy.home.lan/a/b' }, {}, 'CONFIG_INVALID', 'names no topic'],
    [
      'no mail server',
      { kind: 'mail', url: { env: 'U' } },
      { U: 'https://hidden' },
      'CONFIG_INVALID',
      'is not an address of a mail server',
    ],
    [
      'no login',
      { kind: 'mail', url: 'mailto:a@b.c', secret: { env: 'S' } },
      { S: 'hidden' },
      'CONFIG_INVALID',
      'not user:password',
    ],
  ])('%s is said at the start, and what the variable holds is not', async (_, config, env, code, message) => {
    const failure = await telling([config], env).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(String(failure)).not.toContain('hidden');
  });
});
