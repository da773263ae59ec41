import { describe, expect, it } from 'vitest';
import { ownOrigins, printAddress, readSettings } from '../../src/serve/settings.ts';

describe('settings of gitmend serve', () => {
  it('listens on loopback unless told otherwise', () => {
    expect(readSettings({}, {})).toEqual({
      page: { host: '127.0.0.1', port: 8787 },
      door: { host: '127.0.0.1', port: 8788 },
      urls: [],
    });
  });

  it('takes variables, and flags over them', () => {
    const env = {
      GITMEND_PAGE: '192.168.1.5:80',
      GITMEND_DOOR: '[::1]:9000',
      GITMEND_URL: 'https://gitmend.home.lan, http://other',
      DATABASE_URL: 'postgres://db',
    };
    expect(readSettings({ page: ':8000' }, env)).toEqual({
      page: { host: '::', port: 8000 },
      door: { host: '::1', port: 9000 },
      urls: ['https://gitmend.home.lan', 'http://other'],
      database: 'postgres://db',
    });
  });

  it.each(['localhost', '127.0.0.1:', '127.0.0.1:70000', '[nonsense]:1', 'a b:1', ''.padEnd(200, '9')])(
    'names %j as no address, and not a stack',
    (page) => {
      expect(() => readSettings({ page: page || ' ' }, {})).toThrow(/is no address like 127\.0\.0\.1:8787/);
    },
  );

  it.each(['gitmend.home.lan', 'ftp://x', 'https://x/path', 'https://user@x', 'https://x?q'])(
    'names %j as no origin',
    (url) => {
      expect(() => readSettings({ url: [url] }, {})).toThrow(/is no origin like/);
    },
  );

  it('prints an address as a Host header has it', () => {
    expect(printAddress({ host: '::1', port: 80 })).toBe('[::1]:80');
    expect(printAddress({ host: '127.0.0.1', port: 80 })).toBe('127.0.0.1:80');
  });

  it('answers on loopback to the names of this machine and to those configured, and to nothing else', () => {
    expect(ownOrigins({ host: '127.0.0.1', port: 8787 }, ['https://gitmend.home.lan'])).toEqual([
      'https://gitmend.home.lan',
      'http://127.0.0.1:8787',
      'http://[::1]:8787',
      'http://localhost:8787',
    ]);
  });

  it('answers in a network to its own address and to those configured', () => {
    expect(ownOrigins({ host: '192.168.1.5', port: 80 }, [])).toEqual(['http://192.168.1.5']);
  });
});
