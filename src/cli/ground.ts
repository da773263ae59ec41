import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Clock } from '../core/clock.ts';
import type { Config } from '../core/config.ts';
import { asOneAccount } from '../ci/accounts.ts';
import { jobAccount } from '../ci/job.ts';
import { GitmendError } from '../core/errors.ts';
import { printFault } from '../core/fault.ts';
import { digestOfText } from '../core/json.ts';
import { readConfig } from '../config/read.ts';
import { declarationReader } from '../deliver/declared.ts';
import type { Ground } from '../deliver/world.ts';
import type { Forge } from '../forges/forge.ts';
import type { SharedPace } from '../forges/http/pace.ts';
import { openForge } from '../forges/index.ts';
import { gitIn } from '../git/git.ts';
import { openRepository } from '../git/repository.ts';
import { isSameRepository, type Machine, thisMachine } from '../ledger/holder.ts';
import type { SynthesizedFile } from '../ci/synthesized.ts';
import { type Ahead, diskCache, openAhead, synthesize, synthesizeUntrusted } from '../synth/index.ts';
import { enginesOf, type Role } from './engines.ts';
import { makeFolder } from './folder.ts';
import { givenStacks } from './given-stacks.ts';
import type { Log } from './log.ts';
import { ownHeadsIn, ownRunsIn, seenFile } from './own-state.ts';
import { version } from './version.ts';

/** What an entry point brings: everything else is constructed from it, once. */
export interface Setup {
  /** A clone of the infrastructure repository. */
  directory: string;
  /** Which credentials it may ask for: `read` plans, `write` applies. */
  role: Role;
  /** The forge account that gitmend itself writes as. */
  account: string;
  env: { readonly [name: string]: string | undefined };
  clock: Clock;
  log: Log;
  /** What is agreed upon with the other processes of the forge's account. */
  shared?: SharedPace;
  /** Where the forge is known already, as in a job of its CI: then no clone is looked at. */
  forge?: Forge;
  /** Where code of a pull request is never run here, as in a job that plans: what another job synthesized, if anything. */
  given?: { file?: SynthesizedFile };
}

/** The ground that deliver stands on. Throws coded errors that name the mend. */
export async function openGround(setup: Setup): Promise<Ground> {
  const { clock, log, env } = setup;
  // Asked beside everything else; what it says is waited for before anything is done.
  const [git, machine] = [gitVersion(), thisMachine()];
  git.catch(() => undefined);
  const forge = setup.forge ?? (await openForgeOf(setup, setup.account));
  const state = await stateFolder(setup, forge);
  const modules = env['GITMEND_STACK_MODULES'] ?? ownModules();
  const repo = await openRepository(join(state, `mirror-${setup.role}.git`), forge.remote, forge.gitEnv);
  const ahead = openAhead(meansIn(modules, state));
  const here = {
    synthesize: synthesisWith(synthesize, modules, state, ahead),
    synthesizeUntrusted: synthesisWith(synthesizeUntrusted, modules, state),
  };
  const { given } = setup;
  const synthesizes =
    given === undefined ? here : { ...here, synthesizeUntrusted: givenStacks(given.file, { repo, forge, ...here }) };
  return {
    repo,
    forge,
    clock,
    log,
    machine: { ...(await machine), ciEnded: endedOn(forge) },
    declaredAt: declarationReader(repo),
    engines: enginesOf({
      ...{ role: setup.role, env, clock },
      stacks: { ...synthesizes, folder: join(state, 'terraform') },
      playbooks: join(state, 'ansible'),
    }),
    ...synthesizes,
    ahead,
    ...(env['GITMEND_SIGNING_KEY'] === undefined ? {} : { signingKey: resolve(env['GITMEND_SIGNING_KEY']) }),
    ...(env['GITMEND_ALLOWED_SIGNERS'] === undefined ? {} : { signers: resolve(env['GITMEND_ALLOWED_SIGNERS']) }),
    tools: { gitmend: version, node: process.versions.node, git: await git },
    seenRecords: seenFile(join(state, 'records-seen')),
    ownRuns: ownRunsIn(join(state, 'runs-own')),
    ownHeads: ownHeadsIn(join(state, 'heads-own')),
  };
}

/** Whether a run of CI has ended, as far as this forge can be asked about it. */
export function endedOn({ ci, remote }: Pick<Forge, 'ci' | 'remote'>): NonNullable<Machine['ciEnded']> {
  return async ({ server, repository, run }) =>
    ci === undefined || !isSameRemote(remote, server, repository) ? undefined : ci.ended(run);
}

/** The configuration in the clone: only what is needed to find the forge is taken from it. */
export async function readLocalConfig(directory: string): Promise<Config> {
  const file = join(directory, 'gitmend.yaml');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) throw new GitmendError('CONFIG_NOT_FOUND', `${file} is not there`);
  const read = readConfig(text);
  if (!read.ok) throw new GitmendError('CONFIG_INVALID', read.faults.map(printFault).join('\n'));
  return read.value;
}

/** Opens the forge as one account. */
export async function openForgeOf(
  {
    directory,
    clock,
    env,
    log,
    shared,
  }: Pick<Setup, 'directory' | 'clock' | 'env' | 'shared'> & Partial<Pick<Setup, 'log'>>,
  as: string,
): Promise<Forge> {
  const config = await readLocalConfig(directory);
  const { stdout } = await gitIn(directory)(['remote', 'get-url', 'origin'], { accept: [0, 1, 2, 128] });
  const origin = stdout.trim();
  const forge = await openForge(config.forge, {
    as,
    clock,
    secret: (reference) => secretIn(env, reference.env, `the token of ${config.forge.kind}`),
    ...(log === undefined ? {} : { tell: log }),
    ...(shared === undefined ? {} : { shared }),
    ...(origin === '' ? {} : { origin }),
  });
  // What CI planned, said and merged as the forge's own account is gitmend's.
  return config.runner === 'ci' ? asOneAccount(forge, [jobAccount[forge.kind]]) : forge;
}

/** `https://git.home.lan/ops/homelab.git` is the repository ops/homelab on that server. */
function isSameRemote(remote: string, server: string, repository: string): boolean {
  const [, origin = '', name = ''] = /^(.*?)\/([^/]+\/[^/]+?)(?:\.git)?\/?$/.exec(remote) ?? [];
  return isSameRepository({ server: origin, repository: name }, { server, repository });
}

function secretIn(env: Setup['env'], name: string, what: string): string {
  const value = env[name] ?? '';
  if (value === '') throw new GitmendError('ENV_MISSING', `${name} is not set: ${what}`);
  return value;
}

/** gitmend brings cdktn itself, so that the stacks of a home lab synthesize without an install of their own. */
export function ownModules(): string {
  const entry = createRequire(import.meta.url).resolve('cdktn/package.json');
  return dirname(dirname(entry));
}

/** The stack code of one commit on the data of another; the same pair is run once, also for two who ask at the same time. */
export function synthesisWith(
  run: typeof synthesize,
  modules: string,
  state: string,
  ahead?: Ahead,
): NonNullable<Ground['synthesize']> {
  const means = { ...meansIn(modules, state), cache: diskCache(join(state, 'synthesized')), ahead };
  const running = new Map<string, ReturnType<typeof synthesize>>();
  return (code, data) => {
    const pair = `${code.commit} ${data.commit}`;
    const under =
      running.get(pair) ?? run({ ...means, code: code.tree, data: data.tree }).finally(() => running.delete(pair));
    running.set(pair, under);
    return under;
  };
}

/** What every synthesis of this machine is run with; the compiled code is kept for the next one. */
function meansIn(modules: string, state: string) {
  return { modules, node: process.execPath, timeout: 60, compiled: join(state, 'compiled') };
}

async function gitVersion(): Promise<string> {
  const { stdout } = await gitIn('.')(['--version']);
  const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(stdout) ?? [];
  if (Number(major) < 2 || (Number(major) === 2 && Number(minor) < 38)) {
    throw new GitmendError('GIT_TOO_OLD', `git is ${stdout.trim()}`);
  }
  return stdout.trim().replace('git version ', '');
}

/** Where this machine keeps its mirrors, apart for every remote. Losing it loses nothing but time. Throws STATE_UNWRITABLE. */
export async function stateFolder({ env }: Pick<Setup, 'env'>, forge: Pick<Forge, 'remote'>): Promise<string> {
  const folder = join(stateBase(env), digestOfText(forge.remote).slice('sha256:'.length, 'sha256:'.length + 12));
  await makeFolder(folder).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new GitmendError('STATE_UNWRITABLE', `${folder} cannot be made: ${why}`, { cause: error });
  });
  return folder;
}

/** `GITMEND_STATE`, or where such things lie by the XDG convention. */
export function stateBase(env: Setup['env']): string {
  return env['GITMEND_STATE'] ?? join(env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), 'gitmend');
}
