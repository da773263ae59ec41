import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { linkText } from '../../src/core/change-set.ts';
import { stackDifference } from '../../src/declarations/stack/index.ts';
import { synthesize, type Synthesized } from '../../src/synth/index.ts';
import { input, template, templateWith, writesStack } from './examples.ts';
import { ownTemporaryFolder } from './own-folder.ts';

const code = (main: string, more: { [path: string]: string } = {}) =>
  new Map(Object.entries({ 'stacks/main.ts': main, ...more }));
const lineOf = (words: string): number =>
  (template.get('stacks/guests.ts') ?? '').split('\n').findIndex((line) => line.includes(words)) + 1;
const messageOf = (result: Synthesized): string => (result.ok ? '' : result.message);

describe('synthesis', () => {
  const folder = ownTemporaryFolder();

  it('runs the template’s stack code on its guests', async () => {
    const result = await synthesize(input());
    expect(result).toMatchObject({
      ok: true,
      stacks: {
        guests: {
          resource: { proxmox_virtual_environment_container: { postgres: { memory: { dedicated: 2048, swap: 512 } } } },
        },
      },
    });
  });

  it('shows a change of data as the lines that it makes', async () => {
    const text = template.get('guests/postgres.yaml') ?? '';
    const data = templateWith({ 'guests/postgres.yaml': text.replace('memory: 2048', 'memory: 3072') });
    const [base, merged] = [await synthesize(input()), await synthesize(input({ data }))];
    expect(base.ok && merged.ok && stackDifference(base.stacks, merged.stacks)).toEqual([
      'proxmox_virtual_environment_container.postgres.memory.dedicated: 2048 → 3072',
    ]);
  });

  it('runs the code of the one tree, never that of the other', async () => {
    const data = templateWith({
      'stacks/main.ts': 'throw new Error("code under review ran")',
      'stacks/guests.ts': 'syntax error',
    });
    expect((await synthesize(input({ data }))).ok).toBe(true);
  });

  it.each([
    ['package.json', '{"type":"commonjs","imports":{"#x":"./evil.js"}}'],
    ['guests/package.json', '{}'],
    ['guests/evil.ts', 'export {}'],
    ['guests/node_modules/yaml/index.js', ''],
    ['node_modules/cdktn/index.js', 'throw new Error("ran")'],
    ['guests/../stacks/evil.yaml', 'a: 1'],
    ['cdktf.json', '{}'],
    ['.npmrc', ''],
  ])('takes no %s from the tree under review', async (path, text) => {
    const main = `
import { existsSync, readdirSync } from 'node:fs';
${writesStack("{ files: readdirSync('.', { recursive: true, encoding: 'utf8' }).filter((path) => !path.startsWith('node_modules')).sort() }")}`;
    const data = new Map([
      [path, text],
      ['guests/a.yaml', 'a: 1'],
    ]);
    const result = await synthesize(input({ code: code(main), data }));
    expect(result).toMatchObject({
      ok: true,
      stacks: {
        one: {
          files: [
            'cdktf.out',
            'cdktf.out/stacks',
            'cdktf.out/stacks/one',
            'guests',
            'guests/a.yaml',
            'stacks',
            'stacks/main.ts',
          ],
        },
      },
    });
  });

  it('gives the child no environment, no arguments and no input', async () => {
    process.env['GITMEND_TEST_SECRET'] = 'do-not-show';
    const main = `
import { readFileSync } from 'node:fs';
${writesStack("{ environment: process.env, args: process.argv.length, input: readFileSync(0, 'utf8'), own: readFileSync('/proc/self/environ', 'utf8') }")}`;
    const result = await synthesize(input({ code: code(main) }));
    delete process.env['GITMEND_TEST_SECRET'];
    expect(result).toEqual({ ok: true, stacks: { one: { environment: {}, args: 2, input: '', own: '' } } });
  });

  it('keeps what it compiled, and still gives the child nothing', async () => {
    const compiled = join(folder(), 'compiled');
    const main = writesStack('{ environment: process.env, args: process.argv.length }');
    const run = () => synthesize(input({ code: code(main), compiled }));
    const expected = { ok: true, stacks: { one: { environment: {}, args: 2 } } };
    expect(await run()).toEqual(expected);
    const files = () => readdirSync(compiled, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    expect(files().length).toBeGreaterThan(0);
    for (let index = 0; index < 1001; index += 1) writeFileSync(join(compiled, `${index}`), '');
    expect(await run()).toEqual(expected);
    expect(files().length).toBeLessThan(100);
    rmSync(compiled, { recursive: true });
  });

  it('is the same again without running, for the same code and data', async () => {
    const cache = new Map<string, Synthesized>();
    const first = await synthesize(
      input({ code: code(writesStack('{ now: process.hrtime.bigint().toString() }')), cache }),
    );
    const again = await synthesize(
      input({ code: code(writesStack('{ now: process.hrtime.bigint().toString() }')), cache }),
    );
    expect(again).toBe(first);
    expect(cache.size).toBe(1);
    await synthesize(input({ code: code(writesStack('{ now: 0 }')), cache }));
    expect(cache.size).toBe(2);
  });

  it('keeps no failure, which may have been this machine’s', async () => {
    const cache = new Map<string, Synthesized>();
    await synthesize(input({ code: code('process.exit(3)'), cache }));
    expect(cache.size).toBe(0);
  });
});

describe('stack code that fails says where', () => {
  it.each([
    [
      'an error in the data',
      template,
      `stacks/guests.ts:${lineOf('is missing`')} Error: guests/web.yaml: node is missing`,
    ],
    [
      'an error in the code',
      code('const answer: number = 1;\nthrow new TypeError(`no ${answer}`);\n'),
      'stacks/main.ts:2 TypeError: no 1',
    ],
    ['code that is no TypeScript', code('let a: = 3\n'), 'stacks/main.ts:1 SyntaxError'],
    [
      // As Node prints it: cdktf 0.21.0, importFrom without skipValidation where there is no Terraform.
      'a check of the app, and not the place in cdktf where it was made',
      code(
        `process.stderr.write(${JSON.stringify(
          "\n/node_modules/cdktf/lib/errors.js:150\nconst stackValidationFailure = (errorList) => new Error(`Validation failed with\n                                              ^\n\nError: Validation failed with the following errors:\n  [guests/nextcloud] Could not determine version of terraform\nIf you wish to ignore these validations, pass 'skipValidation: true' to your App configuration.\n    at Array.forEach (<anonymous>)\n    at stacks/main.ts:8:5\n",
        )}.replace('/node_modules', process.cwd() + '/node_modules')); process.exit(1);\n`,
      ),
      'stacks/main.ts:8 Error: Validation failed with the following errors:\n  [guests/nextcloud] Could not determine version of terraform\nIf you wish to ignore',
    ],
    ['a module that is not there', code("import 'left-pad';\n"), "Cannot find package 'left-pad'"],
    [
      'an end without a stack',
      code('export {};\n'),
      'stacks/main.ts ended without a stack in cdktf.out/stacks; app.synth() writes it',
    ],
    ['an end without a word', code('process.exit(3);\n'), 'stacks/main.ts ended with 3 and said nothing'],
    [
      'an end by a signal',
      code("process.kill(process.pid, 'SIGTERM');\nawait new Promise(() => undefined);\n"),
      'stacks/main.ts ended with ',
    ],
    [
      'a stack that is not JSON',
      code(writesStack('1').replace('JSON.stringify(1)', "'{'")),
      'cdk.tf.json of stack one is not JSON',
    ],
    [
      'a stack that is a link',
      code(
        "import fs from 'node:fs';\nfs.mkdirSync('cdktf.out/stacks/one', { recursive: true });\nfs.symlinkSync('/etc/hostname', 'cdktf.out/stacks/one/cdk.tf.json');\n",
      ),
      'stack one has no cdk.tf.json; with hclOutput the app writes another file, which gitmend does not read',
    ],
    [
      'a folder of a stack that is a link',
      code(
        "import fs from 'node:fs';\nfs.mkdirSync('real');\nfs.writeFileSync('real/cdk.tf.json', '{}');\nfs.mkdirSync('cdktf.out/stacks', { recursive: true });\nfs.symlinkSync('../../real', 'cdktf.out/stacks/one');\n",
      ),
      'cdktf.out/stacks/one is a symbolic link',
    ],
    [
      'an output that is a link',
      code(
        "import fs from 'node:fs';\nfs.mkdirSync('real/stacks/one', { recursive: true });\nfs.writeFileSync('real/stacks/one/cdk.tf.json', '{}');\nfs.symlinkSync('real', 'cdktf.out');\n",
      ),
      'cdktf.out is a symbolic link',
    ],
    [
      'code that is a link',
      code(writesStack('1'), { 'stacks/more.ts': linkText('/etc/hostname') }),
      'stacks/more.ts is a symbolic link',
    ],
    ['no code at all', new Map<string, string>(), 'stacks/main.ts is missing on the default branch'],
  ])('%s', async (_, tree, message) => {
    const data = new Map([['guests/web.yaml', 'name: web\n']]);
    const result = await synthesize(input({ code: tree, data }));
    expect(messageOf(result)).toContain(message);
    expect(messageOf(result)).not.toContain('gitmend-synth-');
  });

  it('after the time is over, with everything that it started', async () => {
    const main = `
import { spawn } from 'node:child_process';
spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
setInterval(() => {}, 1000);
`;
    expect(messageOf(await synthesize(input({ code: code(main), timeout: 1 })))).toBe(
      'stacks/main.ts did not end within 1 s and was stopped',
    );
  });

  it('at most 2000 characters of what it said, without what moves a terminal', async () => {
    const main =
      "process.stderr.write('\\u001b[31m' + ('x'.repeat(900) + '\\n').repeat(1000) + '\\u0007'); process.exitCode = 1;";
    const message = messageOf(await synthesize(input({ code: code(main) })));
    expect(message.length).toBeLessThanOrEqual(2000);
    expect(message).toMatch(/^[x\n]+$/);
  });

  it('or why Node could not be started', async () => {
    expect(messageOf(await synthesize(input({ node: '/nowhere/node' })))).toContain('Node could not be started');
  });
});
