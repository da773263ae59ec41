import { expect, it } from 'vitest';
import { cli } from '../support/deliver-cli.ts';
import { testClock } from '../support/test-clock.ts';

const say = async (...words: string[]) => {
  const { code, err } = await cli({ directory: '/nowhere', clock: testClock(), env: {} }, ...words);
  return { code, lines: err.trimEnd().split('\n') };
};

it.each([
  [['gest'], ["error: unknown command 'gest'", '(Did you mean guest?)', '(gitmend --help says more)']],
  [
    ['guest', 'sett'],
    ["error: unknown command 'sett'", '(Did you mean set?)', '(gitmend guest --help says more)'],
  ],
  [
    ['guest', 'set', '--wat'],
    ["error: unknown option '--wat'", '(gitmend guest set --help says more)'],
  ],
  [
    ['guest', 'set'],
    ["error: missing required argument 'words'", '(gitmend guest set --help says more)'],
  ],
])('%j leads to the help of the command that refused it, and to the nearest name', async (words, lines) => {
  expect(await say(...words)).toEqual({ code: 2, lines });
});

it('what a command finds wrong with its words leads to its own help', async () => {
  const { code, lines } = await say('guest', 'destroy');
  expect(code).toBe(2);
  expect(lines[0]).toMatch(/^USAGE: name the guests/);
  expect(lines.at(-1)).toBe('  next: gitmend guest destroy --help');
});

it('an error of another kind keeps its own next step', async () => {
  const { code, lines } = await say('guest', 'destroy', 'frigate');
  expect(code).toBe(1);
  expect(lines.join('\n')).not.toContain('--help');
});
