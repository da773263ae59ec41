import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeBold, escapeCode, escapeText, fencedBlock, mention, plainText } from '../../src/records/escape.ts';
import { hostileText, runs, stripped } from './hostile.ts';

const space = '\u200b';

/** What a reader sees: entities and backslash escapes resolved. */
const shown = (markdown: string) =>
  markdown
    .replace(/\\([\\`*_~[\]|#=+-])/g, '$1')
    .replaceAll('&#8203;', space)
    .replaceAll('&#36;', '$')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

describe('outside text in Markdown', () => {
  it.each([
    ['@ann', '@&#8203;ann'],
    ['#12 and org/repo#1', '\\#&#8203;12 and org/repo#&#8203;1'],
    ['!12', '!&#8203;12'],
    ['GH-12', 'GH&#8203;-12'],
    ['https://evil.test', 'https:&#8203;//evil.test'],
    ['_www.evil.test', '\\_www&#8203;.evil.test'],
    ['<b>bold</b>', '&lt;b&gt;bold&lt;/b&gt;'],
    ['[x](y) ![x](y)', '\\[x\\](y) !&#8203;\\[x\\](y)'],
    ['a | b', 'a \\| b'],
    ['`code` **bold** ~~gone~~ $x$', '\\`code\\` \\*\\*bold\\*\\* \\~\\~gone\\~\\~ &#36;x&#36;'],
    ['# head', '\\# head'],
    ['- item', '\\- item'],
    ['1. item', '1&#8203;. item'],
    ['line\r\nanother\u2028third', 'line another third'],
    ['gnp\u202eexe\u200b', 'gnpexe'],
    ['&#64;ann', '&amp;#&#8203;64;ann'],
  ])('is text: %j', (text, escaped) => {
    expect(escapeText(text)).toBe(escaped);
  });

  it.each([
    'work_mem and max_connections',
    'at 03:34:10Z: 96 % of 2048 MiB',
    'memory 2048 → 3072 MiB',
    '11.2 GiB free (pve1)',
    'a, b & c'.replace(' & ', ' and '),
  ])('stays as it is where nothing in it means anything: %s', (text) => {
    expect(escapeText(text)).toBe(text);
  });

  it('shows the same letters and means nothing, whatever it is', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const escaped = escapeText(text, 600);
        expect(stripped(escaped)).not.toMatch(/[\\`*~[\]|<>$&\n\r]/);
        expect(stripped(escaped)).not.toMatch(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/);
        expect(shown(escaped).replaceAll(space, '')).toBe(plainText(text, 600).trim());
        expect(shown(escaped)).not.toMatch(
          /@[\p{L}\p{N}_]|#[\p{L}\p{N}]|!\p{N}|:\/\/|www\.|GH-\d|:[a-z+]|<!--[ ]gitmend:[a-z]/u,
        );
        expect(escaped).not.toMatch(/^(?:[-+=#> ]|\d+[.)](?:\s|$))/);
      }),
      runs(3000),
    );
  });

  it('is bold even where it is empty', () => {
    expect(escapeBold('\u200b')).toBe('**-**');
    expect(escapeBold('pve1')).toBe('**pve1**');
  });
});

describe('outside text as code', () => {
  it('can neither end the code nor a cell nor read like a marker', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const code = escapeCode(text);
        expect(code).toMatch(/^`[^`|\n\r]+`$/);
        expect(code).not.toContain('<!--');
      }),
      runs(500),
    );
    expect(escapeCode('')).toBe('`-`');
  });

  it('cannot close the block that it stands in', () => {
    fc.assert(
      fc.property(fc.array(hostileText, { maxLength: 6 }), (lines) => {
        const [first = '', ...rest] = fencedBlock(lines, 'diff', { lines: 10, letters: 100 }).split('\n');
        const fence = first.replace('diff', '');
        expect(fence).toMatch(/^`{3,}$/);
        expect(rest.pop()).toBe(fence);
        expect(rest).toHaveLength(lines.length);
        expect(rest.join('\n')).not.toContain(fence);
        expect(rest.join('\n')).not.toContain('<!--');
      }),
      runs(500),
    );
  });

  it('says how many lines are left out', () => {
    expect(fencedBlock(['a', 'b', 'c'], 'diff', { lines: 2, letters: 10 })).toBe(
      '```diff\na\nb\n… and 1 more lines\n```',
    );
  });
});

describe('outside text without markup', () => {
  it('is cut by what people call letters, and says so', () => {
    expect(plainText('👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧', 3).endsWith('…')).toBe(true);
    expect(plainText('äöü', 3)).toBe('äöü');
    expect(plainText('äöüß', 3)).toBe('äö…');
    expect(plainText('x'.repeat(1_000_000), 5)).toBe('xxxx…');
  });

  it('holds no control, format or invisible character and no tower of accents', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const plain = plainText(text);
        expect(plain).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/u);
        expect(plain).not.toMatch(/\p{M}{4}/u);
        expect(plain.isWellFormed()).toBe(true);
      }),
      runs(500),
    );
  });

  it('stays short however it grows when it is escaped', () => {
    fc.assert(
      fc.property(fc.constantFrom('@a', '#1', '<', '`', '|'), fc.integer({ min: 1, max: 2000 }), (mark, times) => {
        expect(escapeText(mark.repeat(times), 100).length).toBeLessThanOrEqual(308);
      }),
      runs(500),
    );
  });
});

describe('who is mentioned', () => {
  it('is an account of a forge, or nobody', () => {
    expect(mention('maintainer')).toBe('@maintainer');
    expect(mention('Ann.B-c_d9')).toBe('@Ann.B-c_d9');
    expect(mention('org/team')).toBe('org/team');
    expect(mention('ann @all')).toBe('ann @&#8203;all');
    expect(mention('')).toBe('');
  });
});
