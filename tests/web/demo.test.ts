import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { compiled } from '../../demo/compiled.ts';

const main = fileURLToPath(new URL('../../demo/main.ts', import.meta.url));

/** Starts `npm run demo` with a temporary folder of its own; `said` resolves once what it says matches. */
async function startDemo(...words: string[]): Promise<{
  folder: string;
  said: (wanted: RegExp) => Promise<string>;
  press: () => void;
  ended: Promise<{ code: number | null; text: string }>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'gitmend-tests-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const env = { PATH: process.env['PATH'], HOME: folder, TMPDIR: folder, ...compiled };
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...words], { env });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  const heard: (() => void)[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      for (const tell of heard) tell();
    });
  const ended = new Promise<{ code: number | null; text: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, text })),
  );
  const said = (wanted: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        if (wanted.test(text)) resolve(text);
      };
      heard.push(look);
      look();
      void ended.then(() => reject(new Error(`the demo ended\n${text}`)));
    });
  return { folder, said, press: () => void child.kill('SIGINT'), ended };
}

/** Command lines of the processes that work in a folder, as /proc has them. */
async function processesIn(folder: string): Promise<string[]> {
  const numbers = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(numbers.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(folder));
}

it.each([
  ['--help', 0, /^usage: npm run demo -- \[options\]\n/],
  ['--nothing', 2, /^Unknown option '--nothing'[^\n]*\n\nusage: /],
])('%s prints the usage and no trace of a stack', async (word, code, begins) => {
  const ended = await (await startDemo(word)).ended;
  expect(ended).toEqual({ code, text: expect.stringMatching(begins) });
  expect(ended.text).not.toMatch(/^ +at /m);
});

it.each(['gitea', 'github'])(
  'plays on a stand-in for %s where no server is named, and leaves no process',
  { timeout: 120_000 },
  async (forge) => {
    const { folder, ended } = await startDemo('--auto', '--forge', forge, '--scenario', 'false-alarm');
    expect(await ended).toEqual({ code: 0, text: expect.stringMatching(/\nno-change\n$/) });
    expect(await processesIn(folder)).toEqual([]);
  },
);

it('the demo says where it is, and Ctrl-C, twice or once, leaves no process and one folder', async () => {
  const demo = await startDemo();
  const text = await demo.said(/^ {8}token /m);
  const [, address = '', token = ''] = /^ {8}open {3}(\S+)\/login#([\w-]{43})\b/m.exec(text) ?? [];
  expect(text).toContain(`        token  ${token}\n`);
  expect((await fetch(`${address}/login`)).status).toBe(200);
  // Git runs here now and then as well.
  const gitmends = (await processesIn(demo.folder)).filter((line) => line.includes('cli.ts'));
  expect(gitmends.map((line) => /\0(serve|runner)\0/.exec(line)?.[1]).sort()).toEqual(['runner', 'serve']);
  demo.press();
  demo.press();
  const { code, text: all } = await demo.ended;
  const [last = ''] = /^ {8}repository and records: \S+$/m.exec(all) ?? [];
  expect([code, last]).toEqual([0, `        repository and records: ${demo.folder}/${/[^/]+$/.exec(last)?.[0] ?? ''}`]);
  expect(await readdir(demo.folder)).toEqual([/[^/]+$/.exec(last)?.[0]]);
  expect(await processesIn(demo.folder)).toEqual([]);
});

it('the demo that is not wanted any more while it starts leaves nothing either', async () => {
  const demo = await startDemo();
  await demo.said(/started: forge/);
  demo.press();
  const { code, text } = await demo.ended;
  expect([code, text.includes('failed')]).toEqual([0, false]);
  expect(await readdir(demo.folder)).toHaveLength(1);
  expect(await processesIn(demo.folder)).toEqual([]);
});

it('the demo whose usual port is taken is at another, and says so', async () => {
  const other = createServer();
  // Taken by us or by somebody else: it is taken.
  await new Promise<void>((resolve) => {
    other.once('error', () => resolve());
    other.listen(8787, '127.0.0.1', resolve);
  });
  onTestFinished(() => void other.close());
  const demo = await startDemo();
  const text = await demo.said(/^ {8}token /m);
  const [, port = '', words = ''] =
    /^ {8}open {3}http:\/\/127\.0\.0\.1:(\d+)\/login#[\w-]{43} *(.*)$/m.exec(text) ?? [];
  expect([port === '8787', words]).toEqual([false, '(port 8787 is taken by another program)']);
  expect((await fetch(`http://127.0.0.1:${port}/login`)).status).toBe(200);
  demo.press();
  expect((await demo.ended).code).toBe(0);
  expect(await processesIn(demo.folder)).toEqual([]);
});

it('the demo of a story that a script plays says how to have it played', async () => {
  const demo = await startDemo('--scenario', 'stale');
  const { code, text } = await demo.ended;
  expect([code, text]).toEqual([2, expect.stringContaining('next: npm run demo -- --auto --scenario stale\n')]);
  expect(await readdir(demo.folder)).toEqual([]);
});
