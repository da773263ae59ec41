import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutMarkdown, cutText } from '../../src/records/cut.ts';

describe('Markdown that is too long', () => {
  it('that fits stays as it is', () => {
    expect(cutMarkdown('a\nb', 3)).toBe('a\nb');
  });

  it('is cut between lines, with its fence and its details closed', () => {
    const text = `<details><summary>s</summary>\n\n\`\`\`\`diff\n${'+ line\n'.repeat(100)}\`\`\`\`\n\n</details>`;
    const cut = cutMarkdown(text, 150);
    expect(cut.length).toBeLessThanOrEqual(150);
    expect(cut).toMatch(/\+ line\n````\n\n<\/details>\n\n… cut here\.$/);
  });

  it('in a fence takes nothing for a tag', () => {
    const cut = cutMarkdown(`\`\`\`\n<details>\n${'x\n'.repeat(100)}`, 60);
    expect(cut).toMatch(/x\n```\n\n… cut here\.$/);
  });

  it('is never longer than told, and closes as much as it opens', () => {
    const line = fc.constantFrom('<details><summary>s</summary>', '</details>', '```', 'text 👨‍👩‍👧‍👦', '', 'é'.repeat(40));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60 }), fc.integer({ min: 60, max: 400 }), (lines, most) => {
        expect(cutMarkdown(lines.join('\n'), most).length).toBeLessThanOrEqual(most);
      }),
      { seed: 6, numRuns: 200 },
    );
  });
});

it('a line alone is cut between graphemes', () => {
  expect(cutText('ab👨‍👩‍👧‍👦cd', 6)).toBe('ab');
  expect(cutMarkdown('👨‍👩‍👧‍👦'.repeat(20), 40)).toBe('👨‍👩‍👧‍👦'.repeat(2) + '\n\n… cut here.');
});
