import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readConfig } from '../../src/config/read.ts';
import { inOrder, readYaml, say } from '../../src/config/read-yaml.ts';
import { type Fault, printFault, type Read } from '../../src/core/fault.ts';
import { readGuest } from '../../src/declarations/guest/index.ts';
import { readOperation } from '../../src/declarations/operation/index.ts';
import { template } from '../synth/examples.ts';

const schema = z.strictObject({
  amount: z.number().min(2).max(4).default(3),
  word: z.string().min(2).exactOptional(),
  either: z.union([z.strictObject({ left: z.string(), middle: z.int() }), z.string()]).exactOptional(),
  by: z.record(z.string(), z.strictObject({ colour: z.enum(['red', 'blue']) })).exactOptional(),
  own: z
    .string()
    .refine((text) => text !== 'bad', { error: () => say('is bad', 'be good') })
    .exactOptional(),
  even: z.number().multipleOf(2).exactOptional(),
});
const said = (text: string): string[] => {
  const read = readYaml(text, 'f.yaml', schema);
  return read.ok ? [] : read.faults.map(printFault);
};

describe('a schema speaks through the file', () => {
  it('with defaults filled in and nothing to say of a sound one', () => {
    expect(readYaml('word: ab\n', 'f.yaml', schema)).toEqual({
      ok: true,
      value: { amount: 3, word: 'ab' },
      warnings: [],
    });
  });

  it.each([
    ['amount: 1', 'f.yaml:1:9 amount: 1 is less than 2'],
    ['amount: 5', 'f.yaml:1:9 amount: 5 is more than 4'],
    ['amount: yes', 'f.yaml:1:9 amount: yes is not a number'],
    ['amount: []', 'f.yaml:1:9 amount: this is a list, not a number'],
    ['even: 3', 'f.yaml:1:7 even: 3 is not taken here'],
    ['own: bad', 'f.yaml:1:6 own: is bad; be good'],
    ['word: true', 'f.yaml:1:7 word: true is a switch, not a text; did you mean "true"?'],
    ['word:', 'f.yaml:1:6 word: is empty; write a text, or leave the line out'],
    ['either: 3', 'f.yaml:1:9 either: 3 is not known here'],
    ['by: { a: { colour: bleu } }', 'f.yaml:1:20 by.a.colour: bleu is not red or blue; did you mean blue?'],
    ['by: { a: { color: red } }', 'f.yaml:1:12 by.a.color: is not a known field; did you mean colour?'],
  ])('%s: %s', (text, fault) => {
    expect(said(text)).toContain(fault);
  });

  it('in warnings too, which do not make it distrusted', () => {
    const read = readYaml('amount: 2', 'f.yaml', schema, (source) => [
      source.fault(['amount'], 'is odd', '', 'warning'),
    ]);
    expect(read).toMatchObject({ ok: true, value: { amount: 2 }, warnings: [{ problem: 'is odd' }] });
  });

  it('and a fault of a whole file makes it distrusted though its fields are sound', () => {
    expect(readYaml('amount: 2', 'f.yaml', schema, (source) => [source.fault(['amount'], 'is odd')]).ok).toBe(false);
  });
});

describe('faults', () => {
  it('stand in reading order: file, line, column', () => {
    const at = (file: string, line: number, column: number): Fault => ({
      file,
      line,
      column,
      field: '',
      problem: 'p',
      mend: '',
      severity: 'fault',
    });
    const sorted = [at('a', 2, 1), at('a', 2, 3), at('a', 10, 1), at('b', 0, 0)];
    expect(inOrder(sorted.toReversed())).toEqual(sorted);
  });
});

describe('whatever stands in a file, reading it answers', () => {
  const readers: { [name: string]: (text: string) => Read<unknown> } = {
    'gitmend.yaml': (text) => readConfig(text),
    'guests/postgres.yaml': (text) => readGuest(text, 'guests/postgres.yaml'),
    operation: (text) => readOperation(text, 'operations/a.yaml', 0),
  };
  const pieces = fc.constantFrom(
    '\t',
    '  ',
    '- ',
    ': ',
    '{',
    '}',
    '[',
    ']',
    '&a ',
    '*a',
    '!x ',
    '|',
    '>',
    '"',
    "'",
    '#',
    '\n',
    '\r\n',
    '? ',
    '<<: ',
    '...\n',
    '---\n',
    '%',
    '\u0000',
    '__proto__: ',
    '9'.repeat(30),
    'null',
    '~',
  );

  it.each(Object.entries(readers))('%s', (name, read) => {
    const sound = template.get(name) ?? 'version: 1\nid: x\ninverse: { kind: reboot-guest }\n';
    const broken = fc
      .array(fc.tuple(fc.nat(sound.length), pieces, fc.nat(20)), { minLength: 1, maxLength: 5 })
      .map((cuts) =>
        cuts.reduce((text, [at, piece, length]) => text.slice(0, at) + piece + text.slice(at + length), sound),
      );
    fc.assert(
      fc.property(fc.oneof(broken, fc.string({ unit: 'binary' })), (text) => {
        const result = read(text);
        if (result.ok) return;
        expect(result.faults.length).toBeGreaterThan(0);
        const lines = text.split('\n').length;
        for (const fault of result.faults) {
          expect(fault.line).toBeLessThanOrEqual(lines + 1);
          expect(printFault(fault).length).toBeLessThan(700);
          // eslint-disable-next-line no-control-regex -- exactly these must not come through
          expect(printFault(fault)).not.toMatch(/[\u0000-\u001f\u007f]/);
        }
      }),
      { numRuns: 300 },
    );
  });
});
