import { expect, it } from 'vitest';
import { drawTerminal } from './draw-terminal.ts';

const words = (svg: string) => [...svg.matchAll(/<tspan[^>]*>([^<]*)/g)].map(([, word = '']) => word);

it('a picture of a terminal shows the command and every word of its output', () => {
  const svg = drawTerminal('npm run demo', ' 0.4 s  alert for lxc/200\nverified\n');
  expect(words(svg)).toEqual(['$ ', 'npm run demo', ' 0.4 s', '  alert for lxc/200', 'verified']);
});

it('what would be markup stays text', () => {
  expect(drawTerminal('a', 'x <script>&"')).toContain('x &lt;script>&amp;&quot;');
});

it('a long line is folded below where its text began, and loses no word', () => {
  const text = Array.from({ length: 40 }, (_, index) => `word${index}`).join(' ');
  const lines = words(drawTerminal('a', ` 9.9 s  ${text}`)).slice(2);
  expect(lines.join(' ').split(/\s+/).filter(Boolean)).toEqual(['9.9', 's', ...text.split(' ')]);
  expect(lines.slice(2).every((line) => line.startsWith(' '.repeat(8)))).toBe(true);
});
