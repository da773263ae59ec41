import { describe, expect, it } from 'vitest';
import { removeYaml } from '../../src/editors/yaml-remove.ts';

describe('a key is taken out of a YAML text', () => {
  it.each<[string, string, string[], string]>([
    ['a line of a block map', 'a: 1\nb: 2   # two\nc: 3\n', ['b'], 'a: 1\nc: 3\n'],
    ['the last line', '# top\na: 1\nb: 2\n', ['b'], '# top\na: 1\n'],
    ['the last line without its line feed', 'a: 1\nb: 2', ['b'], 'a: 1\n'],
    ['a block of several lines', 'a:\n  x: 1\n  y:\n    - 1\n    - 2\nb: 2\n', ['a', 'y'], 'a:\n  x: 1\nb: 2\n'],
    [
      'the only key of a block map',
      'a:\n  hosts:\n    web: { ip: 1 }\n  vars: {}\n',
      ['a', 'hosts', 'web'],
      'a:\n  hosts: {}\n  vars: {}\n',
    ],
    ['the first entry of a flow map', 'n: { a: 1, b: 2 } # c\n', ['n', 'a'], 'n: { b: 2 } # c\n'],
    ['a later entry of a flow map', 'n: { a: 1, b: "x, y", c: 3 }\n', ['n', 'b'], 'n: { a: 1, c: 3 }\n'],
    ['the only entry of a flow map', 'n: { a: 1 }\n', ['n', 'a'], 'n: {  }\n'],
  ])('%s', (_name, text, path, left) => {
    expect(removeYaml(text, path)).toBe(left);
  });

  it.each<[string, string, string[]]>([
    ['a key that is not there', 'a: 1\n', ['b']],
    ['a key of a list', 'a: [1]\n', ['a', '0']],
    ['what an alias needs', 'a: &x 1\nb: *x\n', ['a']],
    ['a text that is no YAML', 'a: [\n', ['a']],
    ['the only key behind a comment', 'a: # why\n  b: 1\n', ['a', 'b']],
  ])('but not %s', (_name, text, path) => {
    expect(() => removeYaml(text, path)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});
