import { chmod, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitmendError } from '../../core/errors.ts';
import { type ChildEnd, runChild } from '../child.ts';
import { bwrapArguments } from './bwrap.ts';
import { limits, rlimits } from './limits.ts';
import { unshareArguments } from './namespaces.ts';
import { seccompFilter } from './seccomp.ts';
import { findTool, linked } from './tools.ts';
import { inside, type Laid, type Programs, viewOf } from './view.ts';

export { limits } from './limits.ts';
export { inside } from './view.ts';

export type Mechanism = 'bwrap' | 'unshare';

/** A way to run Node that was tried on this machine and holds. */
export interface Sandbox {
  mechanism: Mechanism;
  /** Runs Node with these arguments in its copy of the repository, where only what was laid out is. `root` is an empty private folder. */
  run: (args: readonly string[], laid: Laid & { root: string }, timeout: number) => Promise<ChildEnd>;
}

const tried = new Map<string, Promise<Sandbox>>();

/**
 * The sandbox of this machine: bwrap(1), else unshare(1). What holds is known for the life of the process; what does not
 * is tried again, since somebody may have installed it. Throws SANDBOX_MISSING with what each of them said.
 */
export async function findSandbox(node: string, only?: Mechanism): Promise<Sandbox> {
  const key = `${node} ${only ?? ''}`;
  const found = tried.get(key) ?? trySandboxes(node, only === undefined ? ['bwrap', 'unshare'] : [only]);
  tried.set(key, found);
  found.catch(() => tried.delete(key));
  return found;
}

async function trySandboxes(node: string, mechanisms: readonly Mechanism[]): Promise<Sandbox> {
  const said: string[] = [];
  for (const mechanism of mechanisms) {
    try {
      const sandbox = await openSandbox(node, mechanism);
      await prove(sandbox);
      return sandbox;
    } catch (error) {
      said.push(`${mechanism}: ${whyOf(error)}`);
    }
  }
  throw new GitmendError('SANDBOX_MISSING', said.join('; '));
}

async function openSandbox(node: string, mechanism: Mechanism): Promise<Sandbox> {
  const [prlimit, setpriv] = [demandTool('prlimit'), demandTool('setpriv')];
  const programs: Programs = {
    node: await linked(node),
    prlimit: await linked(prlimit),
    setpriv: await linked(setpriv),
  };
  const asRoot = process.getuid?.() === 0;
  const own = ownAccount();
  // With unshare nothing can be executed that is not there already (noexec), which bwrap cannot say of its memory.
  const third = mechanism === 'bwrap' ? seccompFilter(process.arch) : undefined;
  const start = mechanism === 'bwrap' ? bwrapStart(asRoot, third !== undefined) : unshareStart(node, asRoot);
  return {
    mechanism,
    async run(args, { root, ...laid }, timeout) {
      const account = asRoot ? [`--reuid=${own}`, `--regid=${own}`, '--clear-groups'] : [];
      const powers = ['--inh-caps=-all', '--ambient-caps=-all', '--bounding-set=-all', '--no-new-privs'];
      // bwrap in a user namespace has done that already, and leaves nobody the right to do it.
      const without = asRoot || mechanism === 'unshare' ? [inside.setpriv, ...account, ...powers, '--'] : [];
      const command = [inside.prlimit, ...rlimits(timeout), '--', ...without, inside.node, ...args];
      const [program = '', ...rest] = start(viewOf(laid, programs), command, root);
      return runChild({ program, args: rest, folder: '/', timeout, output: 2 * limits.result, third });
    },
  };
}

/**
 * An account that nobody has, for this process alone: the limit of processes is one per account, so what one locks in
 * takes nothing from another. Where not every account can be named (a container of a user), one for all.
 */
function ownAccount(): number {
  const [first, , count = 0] = readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/).map(Number);
  return first === 0 && count > 2 ** 31 ? 0x70000000 + process.pid : 65_530;
}

type Start = (view: ReturnType<typeof viewOf>, command: string[], root: string) => string[];

function bwrapStart(asRoot: boolean, filtered: boolean): Start {
  const bwrap = demandTool('bwrap');
  return (view, command) => [bwrap, ...bwrapArguments(view, command, { asRoot, filtered })];
}

function unshareStart(node: string, asRoot: boolean): Start {
  const tools = { unshare: demandTool('unshare'), mount: demandTool('mount'), hostname: demandTool('hostname') };
  return (view, command, root) => [tools.unshare, ...unshareArguments(tools, { node, root, view, command, asRoot })];
}

function demandTool(name: string): string {
  const path = findTool(name);
  if (path === undefined) throw new Error(`there is no ${name} on this machine`);
  return path;
}

/** What it sees from inside. */
const look = `
const fs = require('node:fs'), os = require('node:os');
const writable = ['/', '${inside.repository}', '/gitmend', '/dev'].filter((path) => { try { fs.writeFileSync(path + '/x', ''); return true; } catch { return false; } });
const outside = Object.values(os.networkInterfaces()).flat().filter((one) => !one.internal).length;
fs.writeFileSync('${inside.repository}/cdktf.out/x', '');
console.log(JSON.stringify({ root: fs.readdirSync('/').filter((name) => !/^(lib|usr|nix|etc)/.test(name)).sort(), etc: fs.existsSync('/etc') ? fs.readdirSync('/etc').filter((name) => name !== 'ld.so.cache') : [], repository: fs.readdirSync('${inside.repository}').sort(), writable, outside, host: os.hostname(), env: Object.keys(process.env).filter((name) => name !== 'PWD') }));
`;
const seen = {
  ...{ root: ['dev', 'gitmend', 'repository', 'tmp'], etc: [], repository: ['cdktf.out', 'node_modules'] },
  ...{ writable: [], outside: 0, host: 'gitmend', env: [] },
};

/** Looks around from inside. Anything that should not be there, or cannot be told, is no sandbox: then it throws. */
export async function prove(sandbox: Pick<Sandbox, 'run'>): Promise<void> {
  const folder = await makeFolders();
  try {
    const ended = await sandbox.run(['-e', look], folder, 20);
    if (ended.how === 'not-started') throw new Error(ended.why);
    if (ended.how !== 'ended') throw new Error('a look around did not come to its end');
    if (ended.code !== 0) throw new Error(ended.said.trim().split('\n').slice(0, 3).join(' ').slice(0, 400));
    if (ended.output.trim() !== JSON.stringify(seen)) throw new Error(`it does not hold: ${ended.output.trim()}`);
  } finally {
    await rm(folder.outer, { recursive: true, force: true });
  }
}

/** A private folder with the places that a sandbox is made of: what is not in it yet is laid out by the caller. */
export async function makeFolders(): Promise<Laid & { root: string; outer: string }> {
  const outer = await realpath(await mkdtemp(join(tmpdir(), 'gitmend-synth-')));
  const [work, root, modules] = [join(outer, 'work'), join(outer, 'root'), join(outer, 'modules')];
  for (const folder of [work, root, modules, join(work, 'cdktf.out'), join(work, 'node_modules')]) {
    await mkdir(folder);
    // Whatever the umask says: inside it may be another account. The folder around them is its owner's alone.
    await chmod(folder, 0o755);
  }
  return { outer, work, root, modules };
}

function whyOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
