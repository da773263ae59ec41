import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { isGitmendError } from '../../src/core/errors.ts';
import { editYaml } from '../../src/editors/yaml.ts';

const postgres = `# guests/postgres.yaml            A person's comments stay where they are.
name: postgres
cores: 2
memory: 2048      # MiB
swap: 512         # MiB
disk: { storage: local-lvm, size: 32 }      # GiB
tags: [database]
`;

describe('an edit of a value', () => {
  it('changes its characters and nothing else', () => {
    expect(editYaml(postgres, [{ path: ['memory'], value: 3072 }])).toBe(postgres.replace('2048', '3072'));
    expect(editYaml(postgres, [{ path: ['disk', 'size'], value: 64 }])).toBe(postgres.replace('32 }', '64 }'));
    expect(editYaml(postgres, [{ path: ['tags', 0], value: 'db' }])).toBe(postgres.replace('[database]', '[db]'));
  });

  it('to what is there already changes nothing', () => {
    expect(editYaml(postgres, [{ path: ['memory'], value: 2048 }])).toBe(postgres);
    expect(editYaml(postgres, [])).toBe(postgres);
  });

  it('comes with others in one go', () => {
    const edits = [
      { path: ['memory'], value: 3072 },
      { path: ['cores'], value: 4 },
    ];
    expect(editYaml(postgres, edits)).toBe(postgres.replace('2048', '3072').replace('cores: 2', 'cores: 4'));
  });

  it.each([
    ['keeps Windows line ends', 'a: 1\r\nb: 2 # x\r\n', ['a'], 10, 'a: 10\r\nb: 2 # x\r\n'],
    ['keeps a mark of byte order', '\ufeffa: 1\n', ['a'], 10, '\ufeffa: 10\n'],
    ['keeps a file without a last line end', 'a: 1', ['a'], 10, 'a: 10'],
    ['keeps single quotes', "a: 'x' # y\n", ['a'], "it's", "a: 'it''s' # y\n"],
    ['keeps double quotes', 'a: "x"\n', ['a'], 'y', 'a: "y"\n'],
    ['keeps a plain text plain', 'a: x\n', ['a'], 'y z', 'a: y z\n'],
    ['quotes what would not be a text', 'a: x\n', ['a'], '12', 'a: "12"\n'],
    ['quotes what would be a comment', 'a: x\n', ['a'], 'y #z', 'a: "y #z"\n'],
    ['quotes what would end its list', 'a: [x, y]\n', ['a', 0], 'p, q]', 'a: ["p, q]", y]\n'],
    ['quotes what has several lines', 'a: x\n', ['a'], 'y\nz', 'a: "y\\nz"\n'],
    ['turns a text into a number', 'a: "x"\n', ['a'], 5, 'a: 5\n'],
    ['turns a number into a switch or nothing', 'a: 1\nb: 2\n', ['b'], null, 'a: 1\nb: null\n'],
    ['replaces a block of text', 'a: |\n  x\n  y\nb: 1\n', ['a'], 'z', 'a: "z"\nb: 1\n'],
    ['replaces a folded block of Windows', 'a: >-\r\n  x\r\n  y\r\nb: 1\r\n', ['a'], 'z', 'a: "z"\r\nb: 1\r\n'],
    ['fills an empty value', 'a:\nb: 1\n', ['a'], 5, 'a: 5\nb: 1\n'],
    ['fills an empty value before its comment', 'a:   # MiB\n', ['a'], 5, 'a: 5   # MiB\n'],
    ['fills an empty item', '- a\n-\n', [1], 'b', '- a\n- b\n'],
    ['fills an empty entry', '{ a: 1, b: }\n', ['b'], 2, '{ a: 1, b: 2 }\n'],
    ['replaces a list on one line', 'a: [x, y] # z\n', ['a'], ['x', 'w: 1'], 'a: [x, "w: 1"] # z\n'],
    ['replaces a map on one line', 'a: { x: 1 }\n', ['a'], { w: [], z: {} }, 'a: { w: [], z: {} }\n'],
    [
      'reaches into lists of maps',
      'r:\n  - n: a\n    v: 1\n  - n: b\n    v: 2\n',
      ['r', 1, 'v'],
      3,
      'r:\n  - n: a\n    v: 1\n  - n: b\n    v: 3\n',
    ],
    [
      'leaves duplicate spaces, dashes and dots',
      '---\na:    1   \n\n\n# end\n...\n',
      ['a'],
      2,
      '---\na:    2   \n\n\n# end\n...\n',
    ],
  ] as const)('%s', (_, text, path, value, expected) => {
    expect(editYaml(text, [{ path, value }])).toBe(expected);
  });
});

describe('a value that is not there yet', () => {
  it.each([
    ['becomes one line behind the last', postgres, ['onboot'], true, `${postgres}onboot: true\n`],
    ['stands behind the last comment of its line', 'a: 1 # x\n', ['b'], 2, 'a: 1 # x\nb: 2\n'],
    ['ends the line before, where that has no end', 'a: 1', ['b'], 2, 'a: 1\nb: 2'],
    ['keeps Windows line ends', 'a: 1\r\n', ['b'], 2, 'a: 1\r\nb: 2\r\n'],
    ['is indented as its neighbours', 'a:\n    x: 1\nb: 2\n', ['a', 'y'], 3, 'a:\n    x: 1\n    y: 3\nb: 2\n'],
    ['is indented under a mark of byte order', '\ufeffa: 1\n', ['b'], 2, '\ufeffa: 1\nb: 2\n'],
    [
      'stands behind what its neighbour contains',
      'a:\n  x:\n    - 1\n    - 2\nb: 2\n',
      ['a', 'y'],
      3,
      'a:\n  x:\n    - 1\n    - 2\n  y: 3\nb: 2\n',
    ],
    ['stands behind a block of text', 'a:\n  x: |\n    t\nb: 2\n', ['a', 'y'], 3, 'a:\n  x: |\n    t\n  y: 3\nb: 2\n'],
    ['joins a map on one line', 'a: { x: 1 } # z\n', ['a', 'w'], 'v', 'a: { x: 1, w: v } # z\n'],
    ['joins a map that ends in a comma', 'a: { x: 1, }\n', ['a', 'w'], 2, 'a: { x: 1, w: 2 }\n'],
    ['begins an empty map', 'a: {}\n', ['a', 'w'], 2, 'a: { w: 2 }\n'],
    ['joins a list on one line', 'a: [x]\n', ['a', 1], 'w', 'a: [x, w]\n'],
    ['begins an empty list', 'a: [ ]\n', ['a', 0], 'w', 'a: [w]\n'],
    ['becomes an item', 'a:\n  - x\n  - y\nb: 1\n', ['a', 2], 'z', 'a:\n  - x\n  - y\n  - z\nb: 1\n'],
    ['becomes an item that is not indented', 'a:\n- x\nb: 1\n', ['a', 1], 'y', 'a:\n- x\n- y\nb: 1\n'],
    ['joins a map in a list', '- a: 1\n- a: 2\n', [0, 'b'], 3, '- a: 1\n  b: 3\n- a: 2\n'],
    ['brings what would contain it', 'a: 1\n', ['b', 'c', 'd'], 2, 'a: 1\nb:\n  c:\n    d: 2\n'],
    ['may be a list or a map', 'a: 1\n', ['b'], [{ c: 1 }], 'a: 1\nb:\n  - c: 1\n'],
    ['may have a name that needs quotes', 'a: 1\n', ['yes: no'], 'x', 'a: 1\n"yes: no": x\n'],
  ] as const)('%s', (_, text, path, value, expected) => {
    expect(editYaml(text, [{ path, value }])).toBe(expected);
  });
});

describe('what cannot be edited in one place is left alone', () => {
  it.each([
    ['a value that an alias repeats', 'a: &x { v: 1 }\nb: *x\n', ['a', 'v'], 2],
    ['a value behind an alias', 'a: &x { v: 1 }\nb: *x\n', ['b', 'v'], 2],
    ['an alias itself, by its anchor', 'a: &x 1\nb: *x\n', ['a'], 2],
    ['a block list as a whole', 'a:\n  - x\n', ['a'], ['y']],
    ['an item beyond the end', 'a: [x]\n', ['a', 2], 'y'],
    ['a name in a list', 'a: [x]\n', ['a', 'b'], 'y'],
    ['something inside a text', 'a: x\n', ['a', 'b'], 'y'],
    ['a text that is not YAML', 'a: "x\n', ['a'], 1],
    ['an alias of nothing', 'a: *x\nb: 1\n', ['b'], 2],
    ['an empty text', '', ['a'], 1],
    ['a key that is none', 'a: 1\n', ['__proto__', 'x'], 1],
    ['a file with two documents', 'a: 1\n---\na: 2\n', ['a'], 3],
  ] as const)('%s', (_, text, path, value) => {
    let thrown: unknown;
    try {
      editYaml(text, [{ path, value }]);
    } catch (error) {
      thrown = error;
    }
    expect(isGitmendError(thrown, 'CONFIG_INVALID')).toBe(true);
  });
});

describe('any file of our kind', () => {
  const word = fc
    .stringMatching(/^[a-z][a-z0-9-]{0,8}$/)
    .filter((text) => !/^(true|false|null|y|n|yes|no|on|off)$/.test(text));
  const scalar = fc.oneof(fc.integer({ min: 0, max: 99_999 }), word, fc.boolean());
  const comment = fc.constantFrom('', ' # MiB', '   # a: "b", {c} [d] &e *f', ' #');
  const style = fc.constantFrom<(value: unknown) => string>(
    String,
    (value) => (typeof value === 'string' ? `'${value}'` : String(value)),
    (value) => (typeof value === 'string' ? JSON.stringify(value) : String(value)),
  );
  const line = fc.record({
    key: word,
    value: scalar,
    comment,
    style,
    shape: fc.constantFrom('plain', 'flow', 'nested', 'list'),
  });
  const file = fc.record({
    lines: fc.uniqueArray(line, { selector: ({ key }) => key, minLength: 1, maxLength: 8 }),
    eol: fc.constantFrom('\n', '\r\n'),
    bom: fc.constantFrom('', '\ufeff'),
    gaps: fc.array(fc.constantFrom('', '# a comment of its own'), { maxLength: 3 }),
  });
  type Line = { key: string; value: unknown; comment: string; style: (value: unknown) => string; shape: string };

  const shapes: { [shape: string]: (line: Line, eol: string) => { text: string; path: (string | number)[] } } = {
    plain: ({ key, value, style: print, comment: note }) => ({ text: `${key}: ${print(value)}${note}`, path: [key] }),
    flow: ({ key, value, style: print, comment: note }) => ({
      text: `${key}: { p: 1,  v: ${print(value)}, q: 2 }${note}`,
      path: [key, 'v'],
    }),
    nested: ({ key, value, style: print, comment: note }, eol) => ({
      text: `${key}:${note}${eol}   v:   ${print(value)}${note}`,
      path: [key, 'v'],
    }),
    list: ({ key, value, style: print, comment: note }, eol) => ({
      text: `${key}:${eol}  - x${note}${eol}  - ${print(value)}${note}`,
      path: [key, 1],
    }),
  };

  it('differs after the edit of one value only in the characters of that value', () => {
    fc.assert(
      fc.property(file, fc.nat(), fc.oneof(scalar, fc.string()), ({ lines, eol, bom, gaps }, at, value) => {
        const printed = lines.map((entry) => shapes[entry.shape]!(entry as Line, eol));
        const text = `${bom}${[...printed.map((entry) => entry.text), ...gaps].join(eol)}${eol}`;
        const index = at % printed.length;
        const { path } = printed[index]!;
        const old = (lines[index] as Line).style((lines[index] as Line).value);
        const result = editYaml(text, [{ path, value }]);
        // Where the old characters stand: before them the texts of all earlier lines, behind them what remains.
        const before =
          bom.length + printed.slice(0, index).reduce((length, entry) => length + entry.text.length + eol.length, 0);
        const own = printed[index]!.text;
        const marker = { plain: `${path[0] as string}: `, flow: ' v: ', nested: '   v:   ', list: `${eol}  - ` }[
          (lines[index] as Line).shape
        ]!;
        const start = before + (marker.startsWith(eol) ? own.lastIndexOf(marker) : own.indexOf(marker)) + marker.length;
        expect(result.slice(0, start)).toBe(text.slice(0, start));
        const rest = text.slice(start + old.length);
        expect(result.endsWith(rest)).toBe(true);
        expect(result.slice(start, result.length - rest.length)).not.toMatch(/[\r\n]/);
        const wanted = parse(text) as { [key: string]: unknown };
        if (path.length === 1) wanted[path[0] as string] = value;
        else (wanted[path[0] as string] as { [key: string | number]: unknown })[path[1]!] = value;
        expect(parse(result)).toEqual(wanted);
      }),
      { numRuns: 500 },
    );
  });
});
