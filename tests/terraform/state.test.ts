import { describe, expect, it } from 'vitest';
import { againstBackend, keptByGitmend, readKey, seal, unseal } from '../../src/terraform/state/index.ts';

const door = { url: 'https://gitmend.home.lan' };
const own = 'https://gitmend.home.lan/terraform/state/guests';
const all = { address: own, lock_address: own, unlock_address: own };
const stack = (http: object, more: object = {}) => ({ terraform: { backend: { http } }, ...more });

describe('a stack whose state gitmend keeps', () => {
  it('names its own state, three times, and nothing that is gitmend’s to say', () => {
    expect(keptByGitmend(stack(all), door)).toBe(true);
    expect(againstBackend('guests', stack(all), door)).toEqual([]);
    // As lists of one, which JSON may say as well; null is not said.
    const lists = { terraform: [{ backend: [{ http: [{ ...all, lock_method: null }] }] }] };
    expect([keptByGitmend(lists, door), againstBackend('guests', lists, door)]).toEqual([true, []]);
  });

  it.each<[string, object, RegExp]>([
    ['the state of another stack', { ...all, address: `${own}-b` }, /^its backend's address is not https:.*guests$/],
    ['no lock', { address: own }, /lock_address is not .*unlock_address is not/s],
    ['a lock elsewhere', { ...all, lock_address: 'https://evil' }, /^its backend's lock_address is not/],
    ['a password', { ...all, password: 'x' }, /^its backend sets password, which is gitmend's to say$/],
    ['no verification of TLS', { ...all, skip_cert_verification: true }, /sets skip_cert_verification/],
    ['another method', { ...all, update_method: 'PUT' }, /sets update_method/],
    ['what the address is not', { ...all, address: `${own}?force=true` }, /address is not/],
  ])('is refused where it names %s', (_, http, says) => {
    expect(againstBackend('guests', stack(http), door).join('\n')).toMatch(says);
  });

  it('is refused where it would send the password elsewhere, in whatever it reads', () => {
    const reads = (config: object) =>
      stack(all, { data: { terraform_remote_state: { a: { backend: 'http', config } } } });
    expect(againstBackend('guests', reads({ address: 'https://evil/terraform/state/a' }), door)).toHaveLength(1);
    expect(againstBackend('guests', reads({}), door)).toHaveLength(1);
    expect(againstBackend('guests', reads({ address: own.replace('guests', 'net') }), door)).toEqual([]);
  });

  it('is none where its state is elsewhere, or no door is named', () => {
    const elsewhere = ['https://evil', 'https://gitmend.home.lan.evil/terraform/state/guests', `x${own}`];
    for (const address of elsewhere) expect(keptByGitmend(stack({ ...all, address }), door)).toBe(false);
    expect(keptByGitmend(stack(all), undefined)).toBe(false);
    expect(keptByGitmend({ terraform: { backend: { pg: {} } } }, door)).toBe(false);
    expect(againstBackend('guests', { terraform: { backend: { pg: {} } } }, door)).toEqual([]);
  });
});

describe('a sealed state', () => {
  const key = (fill: number) => {
    const read = readKey(Buffer.alloc(32, fill).toString('base64'));
    if (read === undefined) throw new Error('that is a key');
    return read;
  };

  it('is opened by its key for its stack alone, and is another text with another nonce', () => {
    const [one, two] = [1, 2].map((fill) => seal([key(1)], 'guests', 'a state', Buffer.alloc(12, fill)));
    if (one === undefined || two === undefined) throw new Error('two were sealed');
    expect(one.body).not.toBe(two.body);
    expect(unseal([key(2), key(1)], 'guests', one)).toBe('a state');
    expect(() => unseal([key(1)], 'others', one)).toThrow('is not what was sealed with the key');
    expect(() => unseal([key(2)], 'guests', one)).toThrow(`was sealed with the key ${one.key}; known: ${key(2).id}`);
  });

  it('is not opened where one bit of it is another, or some are missing', () => {
    const { key: id, body } = seal([key(1)], 'guests', 'a state', Buffer.alloc(12, 1));
    const bytes = Buffer.from(body, 'base64');
    for (const at of bytes.keys()) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => unseal([key(1)], 'guests', { key: id, body: changed.toString('base64') })).toThrow('damaged');
    }
    for (const length of [0, 12, 20, 28, bytes.length - 1])
      expect(() => unseal([key(1)], 'guests', { key: id, body: bytes.subarray(0, length).toString('base64') })).toThrow(
        'damaged',
      );
  });

  it('has a key of 32 bytes, in base64 or in hexadecimal digits', () => {
    const bytes = Buffer.alloc(32, 3);
    expect(readKey(` ${bytes.toString('hex')}\n`)).toEqual(readKey(bytes.toString('base64')));
    for (const none of ['', 'password', Buffer.alloc(31).toString('base64'), Buffer.alloc(33).toString('hex')])
      expect(readKey(none)).toBeUndefined();
  });
});
