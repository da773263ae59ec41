import { describe, expect, it } from 'vitest';
import {
  codeDigest,
  dataDigests,
  demandHead,
  largestSynthesized,
  printSynthesized,
  readSynthesized,
  stacksIn,
  type SynthesizedFile,
} from '../../src/ci/synthesized.ts';
import { template } from '../synth/examples.ts';

const code = new Map([['stacks/main.ts', 'a']]);
const guest = template.get('guests/postgres.yaml') ?? '';
const data = new Map([
  ['guests/postgres.yaml', guest],
  ['dns/zone.yaml', 'a: 1'],
]);
const file: SynthesizedFile = {
  version: 1,
  head: 'a'.repeat(40),
  code: codeDigest(code),
  data: dataDigests(data),
  result: { ok: true, stacks: { guests: { resource: {} } } },
};
const changed = (changes: object): string => JSON.stringify({ ...file, ...changes });

describe('what the job synth hands over', () => {
  it('is read as it was printed', () => {
    expect(readSynthesized(printSynthesized(file))).toEqual(file);
    const failed = { ...file, result: { ok: false as const, message: 'no', code: 'SYNTH_UNSTABLE' as const } };
    expect(readSynthesized(printSynthesized(failed))).toEqual(failed);
    expect(readSynthesized(printSynthesized({ ...file, result: null })).result).toBeNull();
  });

  it.each([
    ['no JSON', '{'],
    ['another version', changed({ version: 2 })],
    ['a field more', changed({ more: 1 })],
    ['a head that is none', changed({ head: 'main' })],
    ['a stack with a path for a name', changed({ result: { ok: true, stacks: { '../x': {} } } })],
    ['a stack that is no object', changed({ result: { ok: true, stacks: { x: [] } } })],
    ['another code', changed({ result: { ok: false, message: '', code: 'CI_EXPOSED' } })],
    ['more than 24 MiB', ' '.repeat(largestSynthesized) + JSON.stringify(file)],
    ['nesting without an end', changed({}).replace('"resource":{}', `"r":${'['.repeat(200)}${']'.repeat(200)}`)],
  ])('is refused with %s', (_, text) => {
    expect(() => readSynthesized(text)).toThrow(expect.objectContaining({ code: 'SYNTH_REFUSED' }));
  });

  it('counts for the head that it names, for this code and for this data', () => {
    expect(() => demandHead(file, file.head)).not.toThrow();
    expect(() => demandHead(file, 'b'.repeat(40))).toThrow('of aaaaaaa, and the pull request is at bbbbbbb');
    expect(stacksIn(file, code, data)).toEqual(file.result);
    expect(() => stacksIn(file, new Map([['stacks/main.ts', 'b']]), data)).toThrow('stacks/ is other than');
    expect(() => stacksIn({ ...file, result: null }, code, data)).toThrow('ran no stack code');
    expect(() => stacksIn(file, code, new Map([...data, ['guests/new.yaml', 'x: 1']]))).toThrow(
      /live: guests\/new\.yaml$/,
    );
    const other = new Map([
      ...data,
      ['dns/zone.yaml', 'a: 2'],
      ['guests/postgres.yaml', guest.replace('memory: 2048', 'memory: 4096')],
    ]);
    expect(() => stacksIn(file, code, other)).toThrow(/live: dns\/zone\.yaml, guests\/postgres\.yaml$/);
    expect(() => stacksIn(file, code, new Map())).toThrow(/live: dns\/zone\.yaml, guests\/postgres\.yaml$/);
  });

  it('takes a guest for the same by what it declares', () => {
    const written = new Map([...data, ['guests/postgres.yaml', `# other words\n${guest}`]]);
    expect(stacksIn(file, code, written)).toEqual(file.result);
  });
});
