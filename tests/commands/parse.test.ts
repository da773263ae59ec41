import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commandIn } from '../../src/commands/parse.ts';

describe('a command in a comment', () => {
  test.each<[string, string, string]>([
    ['/plan', 'plan', ''],
    ['/dry-run 01J8Z', 'dry-run', '01J8Z'],
    ['/snooze  2h  ', 'snooze', '2h'],
    ['/Plan', 'plan', ''],
    ['thank you\r\n\r\n/rollback\r\n', 'rollback', ''],
    ['   /status', 'status', ''],
    ['text before\n/status', 'status', ''],
    ['> what somebody said\n\n/status', 'status', ''],
    ['> `code` and <b>\n> ```\n\nthank you\n \t\n/status', 'status', ''],
    ['/status\n\n```\ncode\n```\n<!--', 'status', ''],
    ['/etc is full\n/status', 'status', ''],
    ['- one\n- two\n\n/status', 'status', ''],
    ['**it** works, I _think_ (50 %)!\n/status', 'status', ''],
    ['/rolback', 'rolback', ''],
    ['/plan.', 'plan.', ''],
    ['text\n/help?', 'help?', ''],
    ['/apply', 'apply', ''],
    ['/Merge.\r\n', 'merge.', ''],
    ['/foo\n\n', 'foo', ''],
    [`/status\n${'a'.repeat(10_000)}`, 'status', ''],
  ])('is found in %j', (body, word, argument) => {
    expect(commandIn(body)).toEqual({ word, argument, more: 0 });
  });

  test.each([
    ['', 'an empty comment'],
    ['please /plan this', 'within a line'],
    ['/etc/passwd is gone', 'a path'],
    ['/etc is full', 'a folder'],
    ['/home\nis full', 'a folder alone'],
    ['/lgtm', 'a word of another bot'],
    ['/plan.txt', 'something glued to it'],
    ['/plan. thank you', 'a mark within a line'],
    ['/foo\nand more', 'an unknown word that is not alone'],
    ['text\n/apply', 'an unknown word behind text'],
    ['/foo now', 'an unknown word that says more'],
    ['/dev:', 'an unknown word with a mark'],
    ['> /apply', 'an unknown word in a quote'],
    ['    /apply', 'an unknown word as code'],
    ['//plan', 'two slashes'],
    ['/ plan', 'a space'],
    ['/42', 'a number'],
    ['- /plan', 'a list'],
    ['# /plan', 'a heading'],
    ['> /plan', 'a quote'],
    ['   > > /plan', 'a quote of a quote'],
    ['- > /plan', 'a quote in a list'],
    ['> quoted\n/plan', 'the lazy end of a quote'],
    ['    /plan', 'indented code'],
    ['\t/plan', 'code indented by a tab'],
    ['  \t/plan', 'code indented by spaces and a tab'],
    ['`/plan`', 'inline code'],
    ['`code\n/plan\nends` here', 'inline code of several lines'],
    ['``a ` b\n/plan\n`` end', 'inline code between two ticks'],
    ['```\n/plan\n```', 'fenced code'],
    ['```sh\n/plan\n```', 'fenced code with a language'],
    ['~~~\n/plan\n~~~', 'fenced code with tildes'],
    ['````\n```\n/plan\n````', 'a fence within a longer fence'],
    ['```\n~~~\n/plan', 'a fence of another kind does not end it'],
    ['```\n/plan', 'a fence without an end'],
    ['- ```\n  /plan\n  ```', 'a fence in a list'],
    ['1. ~~~\n/plan', 'a fence in a numbered list'],
    ['<!-- \n/plan\n-->', 'a comment of HTML'],
    ['<!-- open\n/plan', 'a comment of HTML without an end'],
    ['<pre>\n/plan\n</pre>', 'preformatted'],
    ['<CODE>\n\n/plan', 'code of HTML without an end'],
    ['<blockquote>\n\n/plan\n\n</blockquote>', 'a quote of HTML'],
    [`${'a'.repeat(10_000)}\n/plan`, 'far below'],
    [`${'a'.repeat(9_994)}\n/plan${' now'.repeat(9)}`, 'a line that is cut'],
    ['> quoted\n>\n/status', 'a quote that has no blank line behind it'],
    ['- a\n- > quoted\n/plan', 'the lazy end of a quote in a list'],
    ['```\ncode\n```\n/plan', 'behind code'],
    ['a `b` c\n\n/plan', 'behind inline code'],
    ['<!-- hidden -->\n/plan', 'behind a comment of HTML'],
    ['see [there](https://x.example)\n/plan', 'behind a link'],
    ['/explain `PVE_LOCKED`', 'a command with code on its line'],
    ['a\n---\n/plan', 'behind a line across'],
    ['```\na\n    ```\n/plan\n```', 'an indented fence within a fence'],
    ['> what did you run?\n```\n$ gitmend\n\n/plan\n```', 'a fence directly below a quote'],
    ['> a\n~~~\n\n/plan\n~~~', 'a fence of tildes directly below a quote'],
    ['x\n\n    ```\n\ntext\n```\n/plan', 'indented code that looks like a fence'],
    ['- ```\n  a\n\n```\n/plan', 'a fence in a list that its item ends'],
    ['[x](http://a "\n/plan\n")', 'the title of a link'],
    ['[x](http://a\n"\n/plan\n")', 'the title of a link on a line of its own'],
    ['[x]: http://a "\n/plan\n"', 'the title of a link that is defined'],
    ['<img alt="\n/plan\n">', 'an attribute of HTML'],
    ['<?x\n/plan\n?>', 'an instruction'],
    ['<!X\n/plan\n>', 'a declaration'],
    ['<![CDATA[\n/plan\n]]>', 'character data'],
    ['<kbd>\n/plan\n</kbd>', 'a key'],
    ['<samp>\n/plan\n</samp>', 'sample output'],
    ['\\` `code\n/plan\n`', 'code behind an escaped tick'],
    [`\`code\n/plan\n${'a'.repeat(10_000)}\``, 'code that ends behind what is read'],
    ['~~\n/plan\n~~', 'struck out'],
    ['$$\n/plan\n$$', 'a formula'],
    ['- a ` b\n- `code\n/plan\nmore`', 'code in the second item'],
    ['~~~ a`b\n/plan\n~~~', 'a fence with a tick behind it'],
    ['```\n``` x\n/plan\n```', 'a fence that a longer line does not end'],
    ['```\n\u00a0```\n/plan\n```', 'a fence that a no-break space does not end'],
    ['\u00a0 x\n/plan', 'behind a line that a no-break space begins'],
    ['> quoted\n\u00a0\n/plan', 'a quote that a no-break space does not end'],
    ['\u200b/plan', 'behind an invisible letter'],
    ['\uff0fplan', 'another slash'],
  ])('is not found in %j: %s', (body) => {
    expect(commandIn(body)).toBeUndefined();
  });

  test('the first of several decides, and the others are counted', () => {
    expect(commandIn('/status\ntext\n/rollback now\n/failed')).toEqual({ word: 'status', argument: '', more: 2 });
  });

  const plain = fc
    .array(
      fc.constantFrom('thank you', 'a *b* _c_', '- item', '1. one', '# head', '', '/etc is full', '| a |', 'x & y!'),
    )
    .map((lines) => lines.join('\n'));
  const hider = fc.constantFrom(
    ...[
      '```',
      '~~~',
      '`',
      '``a',
      '<!--',
      '<pre>',
      '<b',
      '[a]: b "',
      '[a](b',
      '\\`',
      '    x',
      '\tx',
      '\u00a0x',
      '\u2003x',
    ],
    ...['  \t x', '- ```', '- a\n      x', 'a\n```js', '1. <details>', '$$', '~', '---', '+++', 'see [x] `', '&#96; `'],
  );
  const anything = fc.array(
    fc.oneof(hider, plain, fc.constantFrom('> q', '```', '~~~', '-->', '</pre>', '`', '")', '', '\r\n', '/plan')),
  );

  test('nothing that stands behind code, HTML, a link or indentation is a command, whatever is around it', () => {
    fc.assert(
      fc.property(plain, hider, anything, fc.constantFrom('\n', '\r\n', '\r'), (before, hides, rest, end) => {
        const lines = [...before.split('\n'), ...hides.split('\n'), ...rest, '/rollback', ...rest, '/rollback'];
        expect(commandIn(lines.join(end))).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  test('nothing that is quoted is a command, however lazily', () => {
    const line = fc.constantFrom('a', '- b', '/rollback', '`', '<b>', '# c', '   d');
    fc.assert(
      fc.property(fc.array(line), fc.array(line), (quoted, lazy) => {
        const lines = [...quoted.map((one) => `> ${one}`), '> a', ...lazy, '/rollback'];
        expect(commandIn(lines.join('\n'))).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  test('what is written first is found, whatever follows', () => {
    fc.assert(
      fc.property(plain, hider, anything, (before, hides, rest) => {
        const found = commandIn([before, '', '/status', hides, ...rest].join('\n'));
        expect(found?.word).toBe('status');
      }),
      { numRuns: 200 },
    );
  });

  test('a comment made to be slow is read at once', () => {
    const ticks = Array.from({ length: 5000 }, (_, at) => '`'.repeat((at % 60) + 1)).join(' ');
    for (const body of [
      ticks,
      '<!--'.repeat(3000),
      '> '.repeat(5000),
      '- '.repeat(5000),
      `/plan${' '.repeat(9000)}x`,
    ]) {
      const begun = process.hrtime.bigint();
      commandIn(body);
      expect(Number(process.hrtime.bigint() - begun) / 1e6).toBeLessThan(1000);
    }
  });
});
