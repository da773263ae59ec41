import { describe, expect, it } from 'vitest';
import { openYaml } from '../../src/config/yaml-source.ts';
import { printFault } from '../../src/core/fault.ts';

const said = (text: string): string[] => openYaml(text, 'f.yaml').faults.map(printFault);

describe('a file of gitmend', () => {
  it('keeps the place of every value and key', () => {
    const { source, faults } = openYaml('a: 1\nb:\n  - c: x   # note\n    d: y\n', 'f.yaml');
    expect(faults).toEqual([]);
    expect(source?.value).toEqual({ a: 1, b: [{ c: 'x', d: 'y' }] });
    expect(printFault(source!.fault(['b', 0, 'd'], 'is wrong', 'mend it'))).toBe(
      'f.yaml:4:8 b[0].d: is wrong; mend it',
    );
    expect(printFault(source!.faultOfKey(['b', 0, 'd'], 'is wrong'))).toBe('f.yaml:4:5 b[0].d: is wrong');
    expect(source?.line(['b', 0, 'd'])).toBe(4);
  });

  it('places a fault of something absent at what would contain it', () => {
    const { source } = openYaml('a: 1\nb:\n  - c: x\n', 'f.yaml');
    expect(printFault(source!.fault(['b', 0, 'z'], 'is missing'))).toBe('f.yaml:3:5 b[0].z: is missing');
    expect(printFault(source!.faultOfKey(['z'], 'is missing'))).toBe('f.yaml:1:1 z: is missing');
    expect(source?.line(['b', 0, 'z'])).toBe(0);
  });

  it('is read with Windows line ends and a mark of byte order', () => {
    const { source } = openYaml('\ufeffa: 1\r\nb: 2\r\n', 'f.yaml');
    expect(source?.value).toEqual({ a: 1, b: 2 });
    expect(source?.line(['b'])).toBe(2);
  });

  it('may be indented inside quotes and hold dates as texts', () => {
    expect(openYaml('a: 2026-11-20T03:12:00Z\nb: "07"\n', 'f.yaml').source?.value).toEqual({
      a: '2026-11-20T03:12:00Z',
      b: '07',
    });
  });
});

describe('a trap of YAML is a fault', () => {
  it.each([
    ['an empty file', '', ['f.yaml is empty']],
    ['only comments', '# nothing\n', ['f.yaml is empty']],
    ['an explicit nothing', '~\n', ['f.yaml is empty']],
    ['a duplicate key', 'a: 1\na: 2\n', ['f.yaml:2:1 a is written twice; keep one']],
    ['a tab', 'a:\n\tb: 1\n', ['f.yaml:2:1 a tab indents this line; YAML takes spaces only']],
    [
      'a second document',
      'a: 1\n---\nb: 2\n',
      ['f.yaml:2:1 a second document begins here; one file holds one; remove the line ---'],
    ],
    ['an old directive', '%YAML 1.1\n---\na: yes\n', ['f.yaml:1:1 a %YAML directive is not taken; remove it']],
    ['a foreign tag', 'a: !secret x\n', ['f.yaml:1:4 a tag (!…) is not taken here; write the value out']],
    [
      'octal digits',
      'a: 010\n',
      ['f.yaml:1:4 a: 010 is not a plain decimal number; readers of YAML disagree about it; write its digits'],
    ],
    [
      'hexadecimal digits',
      'a: 0x10\n',
      ['f.yaml:1:4 a: 0x10 is not a plain decimal number; readers of YAML disagree about it; write its digits'],
    ],
    [
      'an exponent',
      'a: [1e3]\n',
      ['f.yaml:1:5 a[0]: 1e3 is not a plain decimal number; readers of YAML disagree about it; write its digits'],
    ],
    [
      'infinity',
      'a: .inf\n',
      ['f.yaml:1:4 a: .inf is not a plain decimal number; readers of YAML disagree about it; write its digits'],
    ],
    ['a number as key', '1: x\n', ['f.yaml:1:1 1 is not a name; put it in quotes']],
    ['a list as key', '? [a]\n: b\n', ['f.yaml:1:3 a list or map is not a name; put it in quotes']],
  ])('%s', (_, text, faults) => {
    expect(said(text)).toEqual(faults);
  });

  it('an anchor and every alias of it', () => {
    const faults = said('a: &x 1\nb: *x\n');
    expect(faults).toHaveLength(2);
    expect(faults[0]).toContain('f.yaml:1:7 a: anchors and aliases (&, *) are not taken');
    expect(faults[1]).toContain('f.yaml:2:4 b: anchors and aliases');
  });

  it('a bomb of aliases, without being expanded', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 12; level += 1)
      lines.push(
        `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
      );
    const { source, faults } = openYaml(lines.join('\n'), 'f.yaml');
    expect(source).toBeUndefined();
    expect(faults.length).toBeGreaterThan(11);
  });

  it('text that nests thousands deep', () => {
    expect(said('['.repeat(100_000))).toEqual([expect.stringMatching(/^f\.yaml:1:\d+ is nested too deeply$/)]);
    const closed = '['.repeat(5000) + ']'.repeat(5000);
    expect(said(closed).join('\n')).toMatch(/nested too deeply|^$/);
  });

  it('a text of more than 256 KiB', () => {
    expect(said('a: ' + 'x'.repeat(262_144))).toEqual(['f.yaml has 262147 characters, more than 262144; split it']);
  });

  it('broken syntax, one fault a line', () => {
    expect(said('a: "x\n')).toEqual(['f.yaml:2:1 is not YAML: Missing closing "quote']);
    expect(said('a: b: c: d\n')).toHaveLength(1);
  });

  it('after a duplicate key the rest is still judged', () => {
    const { source } = openYaml('a: 1\na: 2\nb: 3\n', 'f.yaml');
    expect(source?.value).toMatchObject({ b: 3 });
  });
});

describe('a secret in a file', () => {
  // Put together here, so that no scanner takes this file for a leak.
  const secrets = [
    ['root@pam!gitmend=', '12345678-aaaa-bbbb-cccc-1234567890ab'],
    ['gh', 'p_0123456789abcdefghijABCDEFGHIJ012345'],
    ['gl', 'pat-0123456789abcdefghij'],
    ['xo', 'xb-0123456789-abcdefghij'],
    ['AKIA', 'IOSFODNN7EXAMPLE'],
    ['https://ntfy:', 'hunter2@ntfy.home.lan/x'],
    ['https://hooks.slack.com', '/services/T0/B0/abc'],
    ['eyJhbGciOiJIUzI1NiJ9', '.eyJzdWIiOiIxMjM0In0.x'],
    ['-----BEGIN RSA PRIVATE', ' KEY-----'],
  ].map((parts) => parts.join(''));

  it.each(secrets)('is a fault wherever it stands, and is not repeated (%#)', (secret) => {
    const faults = said(`a:\n  b: "${secret}"\n`);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain('f.yaml:2:6 a.b: looks like');
    expect(faults[0]).toContain('env:NAME');
    expect(faults[0]).not.toContain(secret.slice(-12));
  });

  it.each(['env:GITMEND_PVE_READ', 'https://pve1.home.lan:8006', 'someone@example.org', 'sha256:' + 'a'.repeat(64)])(
    'is not seen in %s',
    (text) => {
      expect(said(`a: "${text}"\n`)).toEqual([]);
    },
  );
});
