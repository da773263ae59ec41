import { describe, expect, test } from 'vitest';
import { defaultAccount } from '../../src/cli/pr-input.ts';

describe('the account of a command', () => {
  test('is GITMEND_ACCOUNT, or else the name of the user', () => {
    expect(defaultAccount({ GITMEND_ACCOUNT: 'maintainer' }, () => 'root')).toBe('maintainer');
    expect(defaultAccount({}, () => 'root')).toBe('root');
  });

  test('is refused when it cannot be one', () => {
    expect(() => defaultAccount({ GITMEND_ACCOUNT: '' }, () => 'root')).toThrow('--as');
    expect(() => defaultAccount({}, () => 'DOMAIN\\user')).toThrow('--as');
  });
});
