import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkTree, printCheck, readFolder, readTreeFromDisk } from '../../src/check/index.ts';
import { isGitmendError } from '../../src/core/errors.ts';
import { template } from '../synth/examples.ts';

const cases = join(import.meta.dirname, 'cases');
const printed = (files: { [path: string]: string }): string => printCheck(checkTree(new Map(Object.entries(files))));

describe('a repository is checked whole: cases/<name>/repository → printed.txt', () => {
  it.each(readdirSync(cases))('%s', (name) => {
    const tree = readTreeFromDisk(join(cases, name, 'repository'));
    expect(printCheck(checkTree(tree))).toBe(readFileSync(join(cases, name, 'printed.txt'), 'utf8'));
  });
});

describe('what a check says', () => {
  const ca = 'certs/pve-root-ca.pem';

  it('of nothing at all is that gitmend.yaml is missing', () => {
    expect(printed({})).toBe(
      'gitmend.yaml is missing; take the one of the template\n' +
        'policies/    warning: holds no rule, so nothing will be applied; take the default ones from the template\n' +
        '1 fault, 1 warning, nothing was changed. `gitmend explain CONFIG_INVALID` says more.\n',
    );
  });

  it('of the CA that the configuration names is whether it is one', () => {
    const withCa = (text: string) => checkTree(new Map([...template, [ca, text]]));
    expect(withCa('-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n').faults).toEqual([]);
    expect(withCa('not yet')).toMatchObject({ faults: [{ file: ca, problem: 'holds no certificate in PEM' }] });
    expect(checkTree(template).warnings.map(({ file }) => file)).toContain(ca);
  });

  it('of a secret anywhere is its place and its kind, never the secret', () => {
    const secret = ['gh', 'p_0123456789abcdefghijABCDEFGHIJ012345'].join('');
    const { faults } = checkTree(new Map([...template, ['ansible/notes.md', `first\ntoken ${secret}\n`]]));
    expect(faults).toMatchObject([{ file: 'ansible/notes.md', line: 2, problem: 'looks like a token of GitHub' }]);
    expect(JSON.stringify(faults)).not.toContain(secret);
  });

  it('of files of other programs is whether they are YAML, with what those may use', () => {
    const text = 'x: &x { a: 1 }\ny: *x\nz: !vault |\n  abc\n---\nsecond: document\n';
    expect(checkTree(new Map([...template, ['compose/web/compose.yaml', text]])).faults).toEqual([]);
    const { faults } = checkTree(
      new Map([
        ...template,
        ['compose/web/compose.yaml', 'a: [1\nb: 2\n'],
        ['dns/x.yml', 'a: 1\na: 2\n'],
        ['prometheus/x.yaml', '['.repeat(9000)],
      ]),
    );
    expect(new Set(faults.map(({ file }) => file))).toEqual(
      new Set(['compose/web/compose.yaml', 'dns/x.yml', 'prometheus/x.yaml']),
    );
    expect(
      checkTree(new Map([...template, ['dns/x.yaml', `a: ${'x'.repeat(1024 * 1024)}`], ['dns/empty.yaml', '']])).faults,
    ).toHaveLength(1);
  });

  it('moves no terminal with a file name', () => {
    expect(printed({ 'gitmend.yaml': 'a: 1', 'guests/\u001b[2Jx.yml': '' })).not.toContain('\u001b');
  });

  it('of a sound repository is one line', () => {
    expect(printCheck({ faults: [], warnings: [] })).toBe('No faults.\n');
  });
});

describe('a folder on disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gitmend-check-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is read as a tree: text only, nothing through links, nothing that git does not hold', () => {
    const write = (path: string, content: string | Buffer) => {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), content);
    };
    write('gitmend.yaml', 'version: 1\n');
    write('guests/ä.yaml', 'name: ä\n');
    write('.git/config', 'x');
    write('stacks/node_modules/a/index.js', 'x');
    write('cdktf.out/stacks/a.json', 'x');
    write('logo.png', Buffer.from([1, 0, 2]));
    write('huge.txt', 'x'.repeat(4 * 1024 * 1024 + 1));
    symlinkSync('/etc/hostname', join(folder, 'host'));
    symlinkSync('/etc', join(folder, 'etc'));
    expect([...readTreeFromDisk(folder)]).toEqual([
      ['gitmend.yaml', 'version: 1\n'],
      ['guests/ä.yaml', 'name: ä\n'],
    ]);
  });

  it('says of what should decide and is no text file that it does not', () => {
    symlinkSync('/etc/hostname', join(folder, 'guests/web.yaml'));
    writeFileSync(join(folder, 'guests/raw.yaml'), Buffer.from([1, 0, 2]));
    mkdirSync(join(folder, 'policies/own.yaml'), { recursive: true });
    const { tree, leftOut } = readFolder(folder);
    const said = checkTree(tree, leftOut).faults.map(({ file, problem }) => `${file} ${problem}`);
    expect(said).toEqual(
      expect.arrayContaining([
        'guests/raw.yaml is no text, so it says nothing here',
        'guests/web.yaml is a link, so it says nothing here',
        'policies/own.yaml is a folder, so it says nothing here',
      ]),
    );
    expect(said.filter((line) => /^(logo|huge|host|etc)\b/.test(line))).toEqual([]);
  });

  it('may itself be named by a link', () => {
    symlinkSync(folder, `${folder}-link`);
    expect(readTreeFromDisk(`${folder}-link`).get('gitmend.yaml')).toBe('version: 1\n');
    rmSync(`${folder}-link`);
  });

  it.each(['nowhere', 'gitmend.yaml'])('that is none (%s) is an error with a next step', (name) => {
    let thrown: unknown;
    try {
      readTreeFromDisk(join(folder, name));
    } catch (error) {
      thrown = error;
    }
    expect(isGitmendError(thrown, 'CONFIG_NOT_FOUND')).toBe(true);
  });
});
