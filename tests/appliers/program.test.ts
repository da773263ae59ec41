import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { runProgram } from '../../src/appliers/program.ts';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'gitmend-program-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

const env = { ONLY: 'this' };
const node = (script: string, at: string, over: { timeout?: number; signal?: AbortSignal } = {}) =>
  runProgram(process.execPath, ['-e', script], { folder: at, env, timeout: 20, ...over });

it('a program gets the environment that it is given and no other, and its own folder', async () => {
  const at = folder();
  const { code, stdout } = await node('console.log(JSON.stringify([process.env, process.cwd()]))', at);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual([env, at]);
});

it('what it writes is for its owner alone, and the umask of this process stays as it was', async () => {
  const at = folder();
  writeFileSync(join(at, 'before'), 'x');
  await node('require("fs").writeFileSync("secret", "x")', at);
  expect(statSync(join(at, 'secret')).mode & 0o777).toBe(0o600);
  writeFileSync(join(at, 'after'), 'x');
  expect(statSync(join(at, 'after')).mode).toBe(statSync(join(at, 'before')).mode);
  expect(statSync(join(at, 'after')).mode & 0o777).not.toBe(0o600);
});

it('one that is asked to end may finish what it is in, and that is no result', async () => {
  const at = folder();
  const stop = new AbortController();
  const script =
    'process.on("SIGINT", () => { require("fs").writeFileSync("saved", "x"); process.exit(0) }); require("fs").writeFileSync("ready", "x"); setInterval(() => {}, 1000)';
  const running = node(script, at, { signal: stop.signal });
  await expect.poll(() => existsSync(join(at, 'ready')), { timeout: 10_000 }).toBe(true);
  stop.abort();
  expect(await running).toMatchObject({ code: undefined, missing: false, why: 'it was ended because gitmend was' });
  expect(readFileSync(join(at, 'saved'), 'utf8')).toBe('x');
});

it('one that is not there is missing', async () => {
  expect(await runProgram('no-such-program-anywhere', [], { folder: folder(), env, timeout: 5 })).toMatchObject({
    code: undefined,
    missing: true,
  });
});

it('what it left running ends with it', async () => {
  const at = folder();
  const { stdout } = await node(
    'const c = require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" }); console.log(c.pid); process.exit(0)',
    at,
  );
  const pid = Number(stdout);
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
});

/** A process that ended and that nobody has asked about yet is a zombie, which still takes signals. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
