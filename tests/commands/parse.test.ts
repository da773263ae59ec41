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
    ['> quoted\n>\n/status', 'status', ''],
    ['```\ncode\n```\n/status', 'status', ''],
    ['~~~\n```\n~~~\n/status', 'status', ''],
    ['a `b` c\n/status', 'status', ''],
    ['an unclosed ` tick\n\n/status', 'status', ''],
    ['<!-- hidden -->\n/status', 'status', ''],
    ['/explain <!-- why', 'explain', '\u00b7'],
  ])('is found in %j', (body, word, argument) => {
    expect(commandIn(body)).toEqual({ word, argument, more: 0 });
  });

  test.each([
    ['', 'an empty comment'],
    ['please /plan this', 'within a line'],
    ['/etc/passwd is gone', 'a path'],
    ['/plan.', 'something glued to it'],
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
    ['\u200b/plan', 'behind an invisible letter'],
    ['\uff0fplan', 'another slash'],
  ])('is not found in %j: %s', (body) => {
    expect(commandIn(body)).toBeUndefined();
  });

  test('the first of several decides, and the others are counted', () => {
    expect(commandIn('/status\ntext\n/rollback now\n/failed')).toEqual({ word: 'status', argument: '', more: 2 });
  });

  test('nothing that is fenced or quoted is a command, whatever it is', () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => text.replaceAll(/[\r\n`~]/g, ''));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
        const inside = [...lines, '/rollback'];
        expect(commandIn(['```', ...inside, '```'].join('\n'))).toBeUndefined();
        expect(commandIn(inside.map((one) => `> ${one}`).join('\n'))).toBeUndefined();
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
