import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeText, plainText } from '../../../src/records/escape.ts';
import { printPlanComment } from '../../../src/records/plan-comment.ts';
import { printPullRequest } from '../../../src/records/pull-request.ts';
import { blocks } from '../../../src/web/html/parts.ts';
import { parseInline, plainInline } from '../../../src/web/view/inline.ts';
import { type Block, parseMarkdown } from '../../../src/web/view/markdown.ts';
import { diagnosis, oneApproval, planRecord } from '../../records/examples.ts';
import { hostileText, runs } from '../../records/hostile.ts';

const kinds = (all: readonly Block[]) => all.map(({ kind }) => kind);
const printed = (text: string) => blocks(parseMarkdown(text), 'x').toString();

describe('what gitmend prints, as a page', () => {
  it('reads a pull request: sentence, table, effects, folds, signal; the marker is not seen', () => {
    const read = parseMarkdown(printPullRequest(diagnosis, { policy: oneApproval }));
    expect(kinds(read)).toEqual(['paragraph', 'table', 'paragraph', 'details', 'details', 'paragraph']);
    expect(printed(printPullRequest(diagnosis, { policy: oneApproval }))).not.toContain('gitmend:pr');
  });

  it('reads a plan comment: heading, promise, steps, dry run, folds', () => {
    const read = parseMarkdown(printPlanComment(planRecord()));
    expect(kinds(read)).toEqual(['heading', 'paragraph', 'table', 'paragraph', 'details', 'details']);
  });

  it('reads what folds inside what folds', () => {
    const [fold] = parseMarkdown(
      '<details><summary>a</summary>\n\n<details><summary>b</summary>\n\ntext\n\n</details>\n\n</details>',
    );
    expect(fold).toMatchObject({ kind: 'details', blocks: [{ kind: 'details', blocks: [{ kind: 'paragraph' }] }] });
  });

  it('keeps lines of a paragraph apart, as forges do', () => {
    expect(printed('one\ntwo')).toBe('<p>one<br />two</p>');
  });

  it('shows signs of a fenced difference beside its colours', () => {
    expect(printed('```diff\n- a\n+ b\n```')).toMatch(
      /<span class="line del">- a\n<\/span><span class="line add">\+ b\n<\/span>/,
    );
  });

  it('makes a link of a reference to a pull request and of nothing else', () => {
    expect(printed('see #12, x#3, #4th, http://evil.test/ and [a](http://evil.test)')).toBe(
      '<p>see <a href="/pull/12">#12</a>, x#3, #4th, http://evil.test/ and [a](http://evil.test)</p>',
    );
  });
});

describe('what others write', () => {
  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<details open><summary>x</summary>',
    '<a href="javascript:alert(1)">x</a>',
    '![x](http://evil.test/x.png)',
    '&lt;script&gt;',
    '| a |\n|---|\n| <b>x</b> |',
    '```\n</code></pre><script>x</script>\n```',
    '**<i>x</i>**',
    '`<i>`',
    '</summary></details><script>',
  ])('is letters and never markup: %s', (text) => {
    const tags = [...printed(text).matchAll(/<\/?([a-z0-9]+)/g)].map(([, name]) => name);
    const known = [
      'p',
      'br',
      'div',
      'table',
      'thead',
      'tbody',
      'tr',
      'th',
      'td',
      'pre',
      'code',
      'strong',
      'em',
      'span',
      'details',
      'summary',
    ];
    expect(tags.filter((name) => !known.includes(name ?? ''))).toEqual([]);
  });

  it('shows exactly the letters that were escaped, whatever they are', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const shown = plainInline(parseInline(escapeText(text, 200)));
        const meant = plainText(text, 200).trim();
        expect(shown === meant || shown.length < meant.length).toBe(true);
      }),
      runs(2000),
    );
  });

  it('never makes anything but text of what was escaped', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(parseInline(escapeText(text)).every(({ kind }) => kind === 'text')).toBe(true);
      }),
      runs(2000),
    );
  });

  // Each took from ten seconds to for ever where every part of it was tried; the time of a test is enough for all.
  it('is read in little time, however it is made', () => {
    const ticks = Array.from({ length: 90 }, (_, count) => '`'.repeat(count + 1)).join(' ');
    const unclosed = (mark: string) => `${`${mark}a `.repeat(1000)}${ticks}\n\n`.repeat(25);
    const nasty = [
      unclosed('*'),
      unclosed('**'),
      unclosed('_'),
      '*a '.repeat(20_000),
      '`'.repeat(60_000),
      '<details><summary>x</summary>\n'.repeat(4000),
      '> '.repeat(40_000),
      '|\n'.repeat(30_000),
      '[('.repeat(40_000),
    ];
    for (const text of nasty) expect(parseMarkdown(text).length).toBeGreaterThan(0);
  }, 15_000);

  it('is cut where it is longer than any comment', () => {
    expect(parseMarkdown('x\n\n'.repeat(200_000)).length).toBeLessThanOrEqual(4001);
  });
});
