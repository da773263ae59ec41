import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compiled } from '../../demo/compiled.ts';
import { homeTokens, memoryShort } from '../../simulators/pve/index.ts';
import { emptyTree } from '../../src/git/repository.ts';
import { lockRef } from '../../src/ledger/locks.ts';
import { cli, type Said } from '../support/deliver-cli.ts';
import { type DeliverLab, deliverLab, shortWindow } from '../support/deliver-lab.ts';

const program = resolve('bin/gitmend.js');

describe('the commands of one person, from alert to record', () => {
  let lab: DeliverLab;
  const said: { [step: string]: Said } = {};
  let piped: { stdout: string; stderr: string; exitCode?: number };

  /** With these variables and no others. */
  const call = (env: { [name: string]: string }, ...words: string[]) =>
    cli({ directory: lab.lab.clone, clock: lab.clock, env }, ...words);
  const state = () => ({ GITMEND_STATE: lab.lab.env.read['GITMEND_STATE'] ?? '' });
  const reader = () => ({ ...state(), GITMEND_PVE_READ: homeTokens.read });
  const writer = () => ({ ...state(), GITMEND_PVE_WRITE: homeTokens.write });

  beforeAll(async () => {
    lab = await deliverLab({ trouble: memoryShort, begin: shortWindow });
    const { payload } = lab.lab;
    const broken = join(lab.lab.folder, 'broken.json');
    await writeFile(broken, '{');
    said['heal without the variable of its role'] = await call(writer(), 'heal', payload);
    said['plan without the variable of its role'] = await call(writer(), 'plan');
    said['heal of no file'] = await call(reader(), 'heal', join(lab.lab.folder, 'missing.json'));
    said['heal of no JSON'] = await call(reader(), 'heal', broken);
    said['heal'] = await call(reader(), 'heal', payload, '--json');
    piped = await execa(process.execPath, [program, '-C', lab.lab.clone, 'heal', '-'], {
      ...{ env: { PATH: process.env['PATH'] ?? '', HOME: lab.lab.folder, ...compiled, ...reader() }, extendEnv: false },
      ...{ input: '{', reject: false },
    });
    said['plan'] = await call(reader(), 'plan', '1');
    said['plan --print'] = await call(reader(), 'plan', '--print');
    said['plan of none'] = await call(reader(), 'plan', '7');
    said['plan of words'] = await call(reader(), 'plan', 'postgres');
    said['status before'] = await call(reader(), 'status');
    lab.clock.advance(120_000);
    said['merge'] = await call(state(), 'pr', 'merge', '1', '--as', 'maintainer');
    said['status pending'] = await call(reader(), 'status');
    said['runner without the variable of its role'] = await call(reader(), 'runner', '--once');
    said['runner'] = await call(writer(), 'runner', '--once');
    said['status verifying'] = await call(reader(), 'status');
    lab.clock.advance(1000);
    said['runner again'] = await call(writer(), 'runner', '--until-idle');
    said['status after'] = await call(reader(), 'status');
    said['log'] = await call(state(), 'log');
    said['log --json'] = await call(state(), 'log', '--json');
    lab.clock.advance(3_600_000);
    said['log of a minute'] = await call(state(), 'log', '--since', '1m');
    said['log --json of a minute'] = await call(state(), 'log', '--json', '--since', '1m');
    said['log of words'] = await call(state(), 'log', '--since', 'yesterday');
    said['records verify'] = await call(state(), 'records', 'verify');
    said['check'] = await call({}, 'check');
    await lockBy('home/lxc/200', JSON.stringify({ target: 'home/lxc/200', holder }));
    await lockBy('home', 'not what a runner writes');
    said['unlock of another name'] = await call(state(), 'unlock', 'lxc/200');
    said['unlock of a held one'] = await call(state(), 'unlock', 'home/lxc/200');
    said['unlock of an unreadable one'] = await call(state(), 'unlock', 'home', '--yes');
    said['unlock --yes'] = await call(state(), 'unlock', 'home/lxc/200', '--yes');
    said['unlock of a free one'] = await call(state(), 'unlock', 'home/lxc/200');
  }, 120_000);
  afterAll(async () => expect(await lab.close()).toEqual([]));

  const holder = {
    ...{ nonce: 'n', run: '0123456789', host: 'bench', machine: 'm', boot: 'b', pidNamespace: 'p' },
    ...{ pid: 4711, started: '1', at: '2026-11-20T03:34:00Z' },
  };
  async function lockBy(target: string, message: string): Promise<void> {
    const commit = await lab.pusher.commit({ tree: emptyTree, parents: [], message, at: lab.clock.now() });
    await lab.pusher.push([{ ref: lockRef(target), from: null, to: commit }]);
  }

  it.each([
    ['heal', 0, /"state":"opened","outcome":"proposed","rule":"short","target":"home\/lxc\/200"/],
    ['plan', 0, /^#1 planned: postgres memory 2048 → 3072 MiB; dry run accepted \(as shown before\)$/m],
    ['plan --print', 0, /^<!-- gitmend:plan -->\n\n### Plan `[0-9a-f]{7}`: 1 change/],
    ['status before', 0, /^open {8}#1 postgres: memory 2048 → 3072 MiB\n$/],
    ['merge', 0, /^Merged #1 postgres: memory 2048 → 3072 MiB as [0-9a-f]{7} into main\.\n$/],
    ['status pending', 0, /^pending {5}#1 postgres: memory 2048 → 3072 MiB\n$/],
    ['runner', 0, /^#1 applied: postgres memory 3072 MiB, live\n$/],
    ['status verifying', 0, /^verifying {3}#1 postgres: memory 2048 → 3072 MiB, until 2026-11-20T03:3\d:\d\dZ\n$/],
    ['runner again', 0, /^#1 verified: /],
    ['status after', 0, /^everything that is declared is applied; nothing is open\n$/],
    [
      'log',
      0,
      /^2026-11-20 03:3\d {2}verified {2}resize-guest {2}postgres {2}memory 2048 → 3072 MiB +#1 .*\n2026-11-20 03:34 {2}adopted /,
    ],
    ['log of a minute', 0, /^nothing happened in 1m\n$/],
    ['log --json of a minute', 0, /^$/],
    ['records verify', 0, /^2 records, each follows the one before it; tip [0-9a-f]{7}\n$/],
    ['check', 0, /^No faults\.\n$/],
    [
      'unlock of a held one',
      1,
      /^home\/lxc\/200 is held by run 0123456 on bench, pid 4711, since 2026-11-20T03:34:00Z\nleft as it is\n$/,
    ],
    ['unlock of an unreadable one', 0, /^home is held by a lock that cannot be read \([0-9a-f]{7}\)\nhome is free\n$/],
    ['unlock of another name', 0, /^lxc\/200 is not locked; locked are home\/lxc\/200\n$/],
    ['unlock --yes', 0, /\nhome\/lxc\/200 is free\n$/],
    ['unlock of a free one', 0, /^home\/lxc\/200 is not locked\n$/],
  ])('%s ends with %i and says it', (step, code, words) => {
    expect(said[step]).toMatchObject({ code, err: '', out: expect.stringMatching(words) as string });
  });

  it.each([
    [
      'heal without the variable of its role',
      1,
      /^ENV_MISSING: GITMEND_PVE_READ is not set: the read token of cluster home\n/,
    ],
    ['plan without the variable of its role', 1, /^ENV_MISSING: GITMEND_PVE_READ is not set/],
    [
      'runner without the variable of its role',
      1,
      /^ENV_MISSING: GITMEND_PVE_WRITE is not set: the write token of cluster home\n/,
    ],
    ['heal of no file', 2, /^USAGE: .*missing\.json cannot be read: ENOENT/],
    ['heal of no JSON', 1, /^SIGNAL_INVALID: the payload is not JSON\n/],
    ['plan of none', 2, /^USAGE: no open pull request #7\n/],
    ['plan of words', 2, /^USAGE: "postgres" is not the number of a pull request\n/],
    ['log of words', 2, /^USAGE: --since: "yesterday" is not a duration like 7d or 24h\n/],
  ])('%s ends with %i, what, why and the next step', (step, code, words) => {
    expect(said[step]).toMatchObject({ code, err: expect.stringMatching(words) as string });
    expect(said[step]?.err).toMatch(/\n {2}why: .+\n {2}next: .+\n$/);
  });

  it('gives the log as data too: one record per line, newest first', () => {
    const lines = (said['log --json']?.out ?? '').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { version: 1, outcome: 'verified', name: 'postgres', steps: [{ after: { memory: 3072 } }] },
      { version: 1, outcome: 'adopted' },
    ]);
  });

  it('takes a payload from standard input, as a program of its own', () => {
    const stderr = expect.stringMatching(/^SIGNAL_INVALID: the payload is not JSON\n/) as string;
    expect(piped).toMatchObject({ exitCode: 1, stderr, stdout: '' });
  });
});

describe('gitmend as a program', () => {
  let folder: string;
  const run = (...words: string[]) =>
    execa(process.execPath, [program, ...words], {
      cwd: folder,
      env: { ...compiled, HOME: folder },
      reject: false,
      input: '',
    });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gitmend-cli-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('says what a code or an outcome means, whatever its case', async () => {
    const clock = { now: () => 0, sleep: async () => undefined };
    const explain = (code: string) => cli({ directory: folder, clock, env: {} }, 'explain', code);
    expect((await explain('pve_locked')).out).toMatch(/^PVE_LOCKED \(wait\)\n {2}the guest is locked.*\n {2}next: /);
    expect((await explain('Not-Verified')).out).toMatch(/^not-verified\n {2}applied, and the fault is still there/);
    for (const code of ['toString', '__proto__', 'x'.repeat(1000)])
      expect(await explain(code)).toMatchObject({
        code: 2,
        err: expect.stringMatching(/^USAGE: .{0,120} is neither/) as string,
      });
  });

  it('ends with 2 for words that it does not know, and with 0 for help', async () => {
    expect(await run('frobnicate')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("unknown command 'frobnicate'") as string,
    });
    expect(await run('--help')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('heals infrastructure by pull request') as string,
    });
  });

  it('names what is missing where it is called in no repository', async () => {
    expect(await run('status')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(
        /^CONFIG_NOT_FOUND: .*gitmend\.yaml is not there\n {2}why: .*\n {2}next: /,
      ) as string,
    });
  });

  it('makes a local forge from a folder, whose clone is fit to work in', async () => {
    await mkdir(join(folder, 'lab', 'guests'), { recursive: true });
    const yaml = 'version: 1\nforge: { kind: local }\nrunner: builtin\napprovers: [ann]\nclusters: []\n';
    await writeFile(join(folder, 'lab', 'gitmend.yaml'), yaml);
    const clock = { now: () => Date.parse('2026-11-20T03:34:00Z'), sleep: async () => undefined };
    const create = () =>
      cli({ directory: '.', clock, env: {} }, 'forge', 'create', join(folder, 'forge'), '--from', join(folder, 'lab'));
    expect(await create()).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^created .*\/forge\nnext: git clone /) as string,
    });
    await execa('git', ['clone', '--quiet', join(folder, 'forge', 'repo.git'), join(folder, 'clone')]);
    const check = await cli({ directory: join(folder, 'clone'), clock, env: {} }, 'check');
    expect(check.out).toContain('gitmend.yaml');
    expect(await create()).toMatchObject({ code: 1, err: expect.stringMatching(/^FORGE_REFUSED: /) as string });
  });
});
