import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { isGitmendError } from '../../src/core/errors.ts';
import { synthesize, type Synthesized, synthesizeUntrusted, type UntrustedInput } from '../../src/synth/index.ts';
import { runChild } from '../../src/synth/child.ts';
import { prove, type Sandbox } from '../../src/synth/sandbox/index.ts';
import { answers, needs } from '../support/needs.ts';
import { type Bait, burglar, layBait, processesWith } from './attacks.ts';
import { input, root, template, writesStack } from './examples.ts';
import { recorded, recordedStacks, writesFiles } from '../terraform/cdktf/recorded.ts';
import { ownTemporaryFolder } from './own-folder.ts';

const code = (main: string) => new Map([['stacks/main.ts', main]]);
const stackOf = (result: Synthesized): { [key: string]: unknown } => {
  if (!result.ok) throw new Error(result.message);
  return result.stacks['one'] as { [key: string]: unknown };
};
const messageOf = (result: Synthesized): string => (result.ok ? '' : result.message);

const unshares = () => answers('unshare', [...(process.getuid?.() === 0 ? [] : ['-Ur']), '-nmp', '--fork', 'true']);
const mechanisms = [
  { mechanism: 'bwrap', there: needs('bwrap') },
  { mechanism: 'unshare', there: needs('unshare (with namespaces)', unshares) },
] as const;

describe.each(mechanisms)('stack code of a pull request, in $mechanism', ({ mechanism, there }) => {
  const untrusted = async (main: string | UntrustedInput['code'], more: Partial<UntrustedInput> = {}) =>
    synthesizeUntrusted({ ...input({ code: typeof main === 'string' ? code(main) : main }), mechanism, ...more });
  const folder = ownTemporaryFolder();

  describe.skipIf(!there)('works as elsewhere', () => {
    it('gives what the same code gives where it is trusted, each time the same bytes', async () => {
      const trusted = await synthesize(input());
      const [once, again] = [await untrusted(template), await untrusted(template)];
      expect(once).toEqual(trusted);
      expect(JSON.stringify(again)).toBe(JSON.stringify(once));
    });

    it('takes what cdktf writes: cdk.tf.json and nothing else of its folder', async () => {
      expect(await untrusted(writesFiles(recorded('begin')))).toEqual({ ok: true, stacks: recordedStacks() });
    });

    it('takes the code of the one tree and the data of the other', async () => {
      const main = writesStackOf("fs.readFileSync('guests/a.yaml', 'utf8') + fs.existsSync('stacks/more.ts')");
      const data = new Map([
        ['guests/a.yaml', 'a: 1'],
        ['stacks/more.ts', ''],
      ]);
      expect(await untrusted(main, { data })).toEqual({ ok: true, stacks: { one: 'a: 1false' } });
    });

    it('says where it failed', async () => {
      expect(messageOf(await untrusted('const a: number = 1;\nthrow new TypeError(`no ${a}`);\n'))).toMatch(
        /^stacks\/main\.ts:2 TypeError: no 1/,
      );
      expect(messageOf(await untrusted('process.exit(3);'))).toBe('stacks/main.ts ended with 3 and said nothing');
      expect(messageOf(await untrusted(new Map()))).toBe('stacks/main.ts is missing');
    });

    it('keeps what succeeded, apart from what was trusted', async () => {
      const cache = new Map<string, Synthesized>();
      await synthesize({ ...input({ code: code(writesStack('1')) }), cache });
      const first = await untrusted(writesStack('1'), { cache });
      expect([cache.size, await untrusted(writesStack('1'), { cache })]).toEqual([2, first]);
      await untrusted('process.exit(3);', { cache });
      expect(cache.size).toBe(2);
    });
  });

  describe.skipIf(!there)('reaches nothing of this machine', () => {
    const inSandbox = `left-in-${mechanism}-${process.pid}`;
    const outside = `left-outside-${mechanism}-${process.pid}`;
    let bait: Bait;
    let neighbour: ChildProcess;
    let worked: { [attempt: string]: unknown };
    let seen: string[];
    let control: { [attempt: string]: unknown };

    beforeAll(async () => {
      neighbour = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
        env: { SECRET: 'neighbour-secret' },
        stdio: 'ignore',
      });
      bait = await layBait(neighbour);
      worked = stackOf(await untrusted(burglar(bait, inSandbox)));
      seen = [...bait.seen];
      // The same code without walls: what it tries does work here, so each of these tests can fail.
      control = stackOf(
        await synthesize(input({ code: code(burglar(bait, outside).replace("'cdktf.out/linked'", "'linked'")) })),
      );
    });
    afterAll(async () => {
      for (const pid of processesWith(outside)) process.kill(pid, 'SIGKILL');
      neighbour.kill('SIGKILL');
      await bait.close();
    });

    it.each([
      ...['tcp', 'unix', 'abstract', 'dns', 'passwd', 'secret', 'environ', 'environment', 'write', 'code', 'beside'],
      ...['hardlink', 'kill', 'shell'],
    ])('%s', (attempt) => {
      expect(worked[attempt]).toBe(false);
      // The trusted child has no environment either.
      expect(control[attempt]).toBe(attempt !== 'environment');
    });

    it('no door was knocked at', () => {
      expect(seen).toEqual([]);
      expect([...bait.seen].toSorted()).toEqual(['abstract', 'dns', 'tcp', 'unix']);
    });

    it('no process stays behind', () => {
      expect([worked['daemon'], control['daemon']]).toEqual([true, true]);
      expect(processesWith(inSandbox)).toEqual([]);
      expect(processesWith(outside)).toHaveLength(1);
    });

    it('an output that is a link leads nowhere', async () => {
      const linked = (from: string, to: string) =>
        `import fs from 'node:fs';\nfs.mkdirSync('cdktf.out/stacks', { recursive: true });\nfs.symlinkSync(${JSON.stringify(from)}, ${JSON.stringify(to)});\n`;
      const main = linked(join(bait.folder, 'stack'), 'cdktf.out/stacks/one');
      expect(messageOf(await synthesize(input({ code: code(main) })))).toContain('one is a symbolic link');
      expect(messageOf(await untrusted(main))).toBe(
        'stack one has no cdk.tf.json; with hclOutput the app writes another file, which gitmend does not read',
      );
    });
  });

  it.skipIf(!there || process.arch !== 'x64')(
    'has no system calls but those of Node, even by machine code of its own',
    async () => {
      const main = (call: number, first: number) => `
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
fs.writeFileSync('/tmp/own', Buffer.from('${machineCode(call, first)}', 'hex'), { mode: 0o755 });
const { status, error } = spawnSync('/tmp/own');
fs.mkdirSync('cdktf.out/stacks/one', { recursive: true });
fs.writeFileSync('cdktf.out/stacks/one/cdk.tf.json', JSON.stringify({ ended: error?.code ?? status }));`;
      // bwrap lets it start, and denies (EPERM): ptrace, unshare of a user namespace, the socket of virtual machines (40).
      const denied = { ended: mechanism === 'bwrap' ? 1 : 'EACCES' };
      expect(stackOf(await untrusted(main(101, 0)))).toEqual(denied);
      expect(stackOf(await untrusted(main(272, 0x10000000)))).toEqual(denied);
      expect(stackOf(await untrusted(main(41, 40)))).toEqual(denied);
      // getuid: it does run there.
      expect(stackOf(await untrusted(main(112, 0)))).toEqual({
        ended: mechanism === 'bwrap' ? expect.any(Number) : 'EACCES',
      });
      // Elsewhere the first of them does what it is asked: a process may be traced.
      const outside = main(101, 0).replaceAll('/tmp/own', join(folder(), 'own'));
      expect(stackOf(await synthesize(input({ code: code(outside) })))).toEqual({ ended: 0 });
      rmSync(join(folder(), 'own'));
    },
  );

  describe.skipIf(!there)('is held within limits', () => {
    it('of time, with everything that it started', async () => {
      const mark = `late-${mechanism}-${process.pid}`;
      const main = `
import { spawn } from 'node:child_process';
spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '${mark}'], { stdio: 'inherit', detached: true });
setInterval(() => {}, 1000);
`;
      expect(messageOf(await untrusted(main, { timeout: 2 }))).toBe(
        'stacks/main.ts did not end within 2 s and was stopped',
      );
      await vi.waitFor(() => expect(processesWith(mark)).toEqual([]), 5000);
    });

    it('of what it writes: the disk is memory of a fixed size', async () => {
      const main = `
import fs from 'node:fs';
let written = 0, code = '';
try { for (;;) { fs.writeFileSync('cdktf.out/' + written, Buffer.alloc(4 << 20)); written += 4; } } catch (error) { code = error.code; }
for (const name of fs.readdirSync('cdktf.out')) fs.rmSync('cdktf.out/' + name);
let large = '';
process.on('SIGXFSZ', () => undefined);
try { fs.ftruncateSync(fs.openSync('/tmp/large', 'w'), 2 ** 32); } catch (error) { large = error.code; }
${writesStack('{ written, code, large }').replace('import {', 'const {').replace("} from 'node:fs'", '} = fs')}`;
      const { written, ...rest } = stackOf(await untrusted(main));
      expect(rest).toEqual({ code: 'ENOSPC', large: 'EFBIG' });
      expect(written).toBeGreaterThan(40);
      expect(written).toBeLessThanOrEqual(64);
    });

    it('of what comes out', async () => {
      const main = writesStack("'x'.repeat(17 << 20)");
      expect(messageOf(await untrusted(main))).toBe('stack one has 17825794 bytes, more than 16 MiB');
    });

    it('of stacks, of which a home of 120 is far', async () => {
      const main = (count: number) => `
import { mkdirSync, writeFileSync } from 'node:fs';
for (let at = 0; at < ${count}; at += 1) {
  mkdirSync('cdktf.out/stacks/stack-' + at, { recursive: true });
  writeFileSync('cdktf.out/stacks/stack-' + at + '/cdk.tf.json', JSON.stringify({ output: { at: { value: at } } }));
}`;
      const most = await untrusted(main(256));
      expect(most.ok && Object.keys(most.stacks)).toHaveLength(256);
      expect(most).toMatchObject({ ok: true, stacks: { 'stack-255': { output: { at: { value: 255 } } } } });
      expect(messageOf(await untrusted(main(257)))).toBe('257 stacks are more than the 256 that the sandbox takes');
    });

    it('of processes', async () => {
      const main = `
import { spawn } from 'node:child_process';
let failed = '', started = 0;
while (failed === '' && started < 1000) {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  child.once('error', (error) => (failed = error.code));
  if (child.pid === undefined) await new Promise((resolve) => child.once('error', resolve));
  else started += 1;
}
${writesStack('{ failed, few: started < 200 }')}
process.exit();`;
      expect(stackOf(await untrusted(main))).toEqual({ failed: 'EAGAIN', few: true });
    });

    it('of memory', async () => {
      const main = `const kept = [];\nfor (;;) kept.push(Buffer.alloc(64 << 20, 1));\n`;
      expect(await untrusted(main)).toMatchObject({ ok: false });
    });

    it('of names and depth, whatever it says that it wrote', async () => {
      const main = (name: string) => writesStack('1').replaceAll('one', name);
      expect(messageOf(await untrusted(main('a b')))).toContain('"a b" is no name of a stack');
      expect(messageOf(await untrusted(main('-rf')))).toContain('"-rf" is no name of a stack');
      const deep = writesStack('1').replace('JSON.stringify(1)', "'['.repeat(100) + ']'.repeat(100)");
      expect(messageOf(await untrusted(deep))).toBe('stack one is nested more than 64 deep');
    });
  });

  describe.skipIf(!there)('is refused', () => {
    it('where two runs differ, by the names of the stacks', async () => {
      expect(await untrusted(writesStack('process.hrtime.bigint().toString()'))).toEqual({
        ok: false,
        code: 'SYNTH_UNSTABLE',
        message: 'run again on the same data, it wrote something else for stack one',
      });
    });

    it('where gitmend is killed: nothing goes on', async () => {
      const mark = `orphan-${mechanism}-${process.pid}`;
      const script = join(root, 'tests', 'synth', 'sandboxed.ts');
      const main = `import { spawn } from 'node:child_process';
spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '${mark}'], { detached: true, stdio: 'ignore' });
setInterval(() => {}, 1000);`;
      const bot = spawn(process.execPath, [script, mechanism, main], { env: { TMPDIR: folder() }, stdio: 'ignore' });
      await vi.waitFor(() => expect(processesWith(mark)).toHaveLength(1), 20_000);
      bot.kill('SIGKILL');
      await vi.waitFor(() => expect(processesWith(mark)).toEqual([]), 10_000);
      // It could not clean up.
      for (const left of readdirSync(folder())) rmSync(join(folder(), left), { recursive: true });
    });
  });

  it.skipIf(!there || process.getuid?.() !== 0)('holds for an account without rights, too', () => {
    const script = join(root, 'tests', 'synth', 'sandboxed.ts');
    const main = `
import { spawn } from 'node:child_process';
import fs from 'node:fs';
let failed = '', started = 0;
while (failed === '' && started < 1000) {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  if (child.pid === undefined) await new Promise((resolve) => child.once('error', (error) => resolve((failed = error.code))));
  else started += 1;
}
const sees = (path) => fs.existsSync(path);
fs.mkdirSync('cdktf.out/stacks/one', { recursive: true });
fs.writeFileSync('cdktf.out/stacks/one/cdk.tf.json', JSON.stringify({ failed, passwd: sees('/etc/passwd'), home: sees('/home'), env: Object.keys(process.env) }));
process.exit();`;
    const options = { uid: 65_531, gid: 65_531, env: { TMPDIR: '/tmp' }, encoding: 'utf8' } as const;
    const { stdout, stderr } = spawnSync(process.execPath, [script, mechanism, main], { ...options, cwd: '/' });
    expect(stderr).toBe('');
    const one = { failed: 'EAGAIN', passwd: false, home: false, env: [] };
    expect(JSON.parse(stdout)).toEqual({ ok: true, stacks: { one } });
  });
});

/** A program for x86-64 that makes one system call with this first argument and a second of 1, and ends with its error's number. */
function machineCode(call: number, first: number): string {
  const number = (value: number) => Buffer.from(Uint32Array.of(value).buffer).toString('hex');
  const text = `b8${number(call)}bf${number(first)}be0100000031d20f05f7d889c7b83c0000000f05`;
  const long = (value: number) => number(value) + number(0);
  const size = 120 + text.length / 2;
  const header = `7f454c4602010100${'00'.repeat(8)}02003e0001000000${long(0x400078)}${long(64)}${long(0)}${number(0)}40003800010000000000 0000`;
  const program = `0100000005000000${long(0)}${long(0x400000)}${long(0x400000)}${long(size)}${long(size)}${long(0x1000)}`;
  return `${header}${program}${text}`.replaceAll(' ', '');
}

const writesStackOf = (value: string) => `import fs from 'node:fs';
fs.mkdirSync('cdktf.out/stacks/one', { recursive: true });
fs.writeFileSync('cdktf.out/stacks/one/cdk.tf.json', JSON.stringify(${value}));`;

describe('a machine without a sandbox', () => {
  it('runs nothing, and says why', async () => {
    const error = await synthesizeUntrusted({ ...input(), node: '/nowhere/node' }).catch((error: unknown) => error);
    expect(isGitmendError(error, 'SANDBOX_MISSING')).toBe(true);
    expect(isGitmendError(error) && error.print()).toContain('next: apt-get install bubblewrap');
    expect(String(error)).toMatch(/bwrap: .*; unshare: /);
  });

  it('takes what only starts, and holds nobody in, for no sandbox', async () => {
    const open: Pick<Sandbox, 'run'> = {
      run: async (args, { work }, timeout) =>
        runChild({ program: process.execPath, args, folder: work, timeout, output: 1 << 20 }),
    };
    await expect(prove(open)).rejects.toThrow();
    const says = (output: string): Pick<Sandbox, 'run'> => ({
      run: async () => Promise.resolve({ how: 'ended', code: 0, said: '', output }),
    });
    await expect(prove(says('{"root":["etc"]}'))).rejects.toThrow('it does not hold: {"root":["etc"]}');
  });
});
