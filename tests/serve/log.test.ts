import { describe, expect, it } from 'vitest';
import { openServeLog, redactor } from '../../src/serve/log.ts';

describe('the structured log', () => {
  it('prints one JSON object a line, with time, level and event', async () => {
    const lines: string[] = [];
    const log = await openServeLog((line) => lines.push(line), { secrets: [], level: 'info' });
    log('delivery-accepted', { alerts: 2 });
    log('heal-failed', {}, 'error');
    const [first, second] = lines.map((line) => JSON.parse(line) as { [key: string]: unknown });
    expect(first).toMatchObject({ level: 'info', event: 'delivery-accepted', alerts: 2 });
    expect(first?.['time']).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(second).toMatchObject({ level: 'error', event: 'heal-failed' });
  });

  it('is quiet below its level', async () => {
    const lines: string[] = [];
    const log = await openServeLog((line) => lines.push(line), { secrets: [], level: 'warn' });
    log('delivery-accepted');
    expect(lines).toEqual([]);
  });

  it('blots out a secret wherever it turns up, and however it is written', async () => {
    const lines: string[] = [];
    const secret = 'pa"ss/word-1234';
    const log = await openServeLog((line) => lines.push(line), { secrets: [secret, ''], level: 'info' });
    log('failed', { message: `GET /x with ${secret}`, deep: { url: encodeURIComponent(secret) }, [secret]: 1 });
    expect(lines.join('')).not.toMatch(/ss.{0,3}word-1234/);
    expect(() => JSON.parse(lines[0] ?? '') as unknown).not.toThrow();
  });

  it('blots out what cannot be anything but a credential', () => {
    const redact = redactor([]);
    expect(redact('{"m":"Authorization: Bearer abcdefghijkl"}')).toBe('{"m":"Authorization: Bearer [redacted]"}');
    expect(redact('{"m":"root@pam!gitmend=0badcafe-1111-2222","n":"kept"}')).toBe('{"m":"[redacted]","n":"kept"}');
  });

  it('leaves no end of a secret that begins with another one', () => {
    const redact = redactor(['first-half', 'first-half-and-the-rest']);
    expect(redact('it is first-half-and-the-rest, or first-half')).toBe('it is [redacted], or [redacted]');
  });

  it('leaves short words alone, even where a variable holds one', () => {
    expect(redactor(['a', 'on'])('{"event":"planned"}')).toBe('{"event":"planned"}');
  });
});
