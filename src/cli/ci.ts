import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { asGiteaJob, asOneAccount } from '../ci/accounts.ts';
import { demandSameForge } from '../ci/same-forge.ts';
import { readCiJob } from '../ci/environment.ts';
import { exposureOf, judgeExposure } from '../ci/exposure.ts';
import { type CiJob, jobAccount } from '../ci/job.ts';
import type { SynthesizedFile } from '../ci/synthesized.ts';
import { demandRemembered } from '../ci/remembered.ts';
import { readConfig } from '../config/read.ts';
import { secretShape } from '../config/secrets.ts';
import type { Config } from '../core/config.ts';
import { GitmendError } from '../core/errors.ts';
import { printFault } from '../core/fault.ts';
import { configInForce } from '../deliver/planning.ts';
import { readTruth, type Truth } from '../deliver/truth.ts';
import type { Ground } from '../deliver/world.ts';
import type { Forge } from '../forges/forge.ts';
import { openForge } from '../forges/index.ts';
import type { Machine } from '../ledger/holder.ts';
import { type CliContext, globals } from './context.ts';
import { demandTokens, type Role } from './engines.ts';
import { openGround } from './ground.ts';
import { openLog } from './log.ts';

/** A job of CI that may begin: where it stands, and what the truth was when it was let in. */
export interface OpenJob {
  job: CiJob;
  ground: Ground;
  truth: Truth;
}

/** The environment of this job. Throws CI_ENVIRONMENT with every fault at once. */
export async function jobOf({ env }: Pick<CliContext, 'env'>): Promise<CiJob> {
  const file = env['GITHUB_EVENT_PATH'] ?? '';
  const payload = file === '' ? undefined : await readFile(file, 'utf8').catch(() => undefined);
  const read = readCiJob({ env, payload });
  if (!read.ok) throw new GitmendError('CI_ENVIRONMENT', read.problems.join('\n'));
  return read.job;
}

interface Started {
  job: CiJob;
  role: Role;
  /** What the job before this one synthesized of the pull request. A job that reads runs no code of one. */
  synthesized?: SynthesizedFile | undefined;
}

/**
 * Opens the ground of a job, lets it in by the rules in force, and does the work. Nothing of the checkout is read: the
 * forge is the one that runs the job, the rules are those of its default branch, and what is kept on this machine is new
 * and goes with the job, because whoever may push could have written there before.
 */
export async function inJob<T>(
  program: Command,
  context: CliContext,
  { job, role, synthesized }: Started,
  work: (open: OpenJob) => Promise<T>,
): Promise<T> {
  const state = await newFolder(job);
  try {
    const { ground, truth } = await groundOf(program, context, { job, role, synthesized }, state);
    await admit(context, ground, truth, job, role);
    return await work({ job, ground, truth });
  } finally {
    await rm(state, { recursive: true, force: true });
  }
}

/** Where the runner names a folder for the job that is not there, as a container may, the system's own. */
async function newFolder({ temporary }: CiJob): Promise<string> {
  const folders = [...(temporary === undefined ? [] : [temporary]), tmpdir()];
  for (const folder of folders) {
    const made = await mkdtemp(join(folder, 'gitmend-ci-')).catch(() => undefined);
    if (made !== undefined) return made;
  }
  throw new GitmendError('CI_ENVIRONMENT', `no folder can be made in ${folders.join(', nor in ')}`);
}

/** With the job's own token; with that of `forge.token` instead, where the job was given it. */
async function groundOf(
  program: Command,
  context: CliContext,
  started: Started,
  state: string,
): Promise<Omit<OpenJob, 'job'>> {
  const { job } = started;
  const first = await openAs(program, context, started, state, 'GITHUB_TOKEN');
  await first.repo.fetch();
  const config = await configOf(first);
  demandSameForge(config, job);
  const token = tokenIn(config);
  const ground = job.forge === 'gitea' ? { ...first, forge: asGiteaJob(first.forge, token) } : first;
  if (token === undefined || !isSendable(context.env[token])) return { ground, truth: await readTruth(ground) };
  const named = await openAs(program, context, started, state, token);
  const truth = await readTruth(named);
  if (tokenIn(truth.rules.config) === token) return { ground: named, truth };
  // Only on the default branch so far: who may push must not choose as whom gitmend acts.
  const own = await readTruth(ground);
  return { ground, truth: { ...own, findings: [...truth.findings, ...own.findings] } };
}

/** A value that looks like the token of Proxmox VE is never sent to a forge, whatever a pushed gitmend.yaml calls it. */
function isSendable(value = ''): boolean {
  return value !== '' && secretShape(value) !== 'an API token of Proxmox VE';
}

/** The variable of `forge.token`, unless it is the job's own token or is named for something else too. */
function tokenIn(config: Config | undefined): string | undefined {
  if (config === undefined || !('token' in config.forge)) return undefined;
  const { forge, clusters, alertmanager, notify } = config;
  const token = forge.token?.env;
  const others = [
    ...clusters.flatMap(({ read, write }) => [read.env, write?.env]),
    ...notify.flatMap(({ url, secret }) => [typeof url === 'string' ? undefined : url.env, secret?.env]),
    ...[alertmanager?.doorToken?.env, forge.webhookSecret?.env, 'GITHUB_TOKEN'],
  ];
  return others.includes(token) ? undefined : token;
}

async function openAs(
  program: Command,
  context: CliContext,
  { job, role, synthesized }: Started,
  state: string,
  token: string,
): Promise<Ground> {
  const { clock } = context;
  const log = openLog(globals(program).verbose || context.env['GITMEND_LOG'] === 'info', context.warn);
  const forge = await forgeOf(context, job, token, log);
  const env = { ...context.env, GITMEND_STATE: state };
  const given = role === 'read' ? { given: synthesized === undefined ? {} : { file: synthesized } } : {};
  const ground = await openGround({ directory: '.', role, account: forge.self, env, clock, log, forge, ...given });
  return { ...ground, machine: machineOf(ground.machine, job) };
}

async function forgeOf({ env, clock }: CliContext, job: CiJob, token: string, tell: Ground['log']): Promise<Forge> {
  const url = job.forge === 'github' && job.server === 'https://github.com' ? {} : { url: job.server };
  const config = { kind: job.forge, repository: job.repository, token: { env: token }, ...url };
  const secret = ({ env: name }: { env: string }): string => {
    const value = env[name] ?? '';
    if (value === '') throw new GitmendError('ENV_MISSING', `${name} is not set: the token of this job`);
    return value;
  };
  const forge = await openForge(config, { as: '', clock, secret, tell });
  return asOneAccount(forge, [jobAccount[job.forge], env['GITMEND_BOT']]);
}

/** A job proves nothing by its machine: images share their ids, and containers of one machine share its boot. */
function machineOf(here: Machine, job: CiJob): Machine {
  const { server, repository, run, attempt } = job;
  return {
    ...here,
    host: `CI run ${run} of ${repository}`,
    ...{ machine: '', boot: '', pidNamespace: '' },
    ci: { server, repository, run, attempt },
  };
}

/** gitmend.yaml of the default branch, never of a tree under review. */
async function configOf({ repo, forge }: Ground): Promise<Config> {
  const head = await repo.tip(`refs/heads/${forge.defaultBranch}`);
  const text = head === undefined ? undefined : (await repo.tree(head)).get('gitmend.yaml');
  if (text === undefined) throw new GitmendError('CONFIG_NOT_FOUND', `gitmend.yaml is not on ${forge.defaultBranch}`);
  const read = readConfig(text);
  if (!read.ok) throw new GitmendError('CONFIG_INVALID', read.faults.map(printFault).join('\n'));
  return read.value;
}

/** What the rules in force say of this job: whether it runs at all, and with which credentials. */
async function admit(context: CliContext, ground: Ground, truth: Truth, job: CiJob, role: Role): Promise<void> {
  const config = configInForce(truth);
  if (config.runner !== 'ci') throw new GitmendError('CI_NOT_CHOSEN', notChosen(truth));
  if (role === 'read') {
    demandNoWrite(context, [config, truth.head.config]);
    return;
  }
  demandTokens(config.clusters, 'write', context.env);
  const own = [jobAccount[job.forge], ground.forge.self, context.env['GITMEND_BOT']];
  const verdict = judgeExposure(await exposureOf(ground.forge, config), config, own);
  if (!verdict.ok) throw new GitmendError('CI_EXPOSED', `${verdict.why}; ${verdict.mend}`);
  context.print(`write credentials: ${verdict.why}`);
  await demandRemembered(ground, truth);
}

/** What brings `runner: ci` is decided by the rules before it, so it is planned and put in force by the runner before it. */
function notChosen({ rules, head }: Truth): string {
  const inForce = `the rules in force (${rules.commit.slice(0, 7)}) say runner: builtin`;
  return head.config?.runner === 'ci'
    ? `${inForce}, and ${head.commit.slice(0, 7)} on the default branch says runner: ci: what was merged as approved is put in force by gitmend runner --until-idle, at a terminal`
    : inForce;
}

/** Whoever only plans must not be able to write: code that a pull request brings could be next to it. */
function demandNoWrite({ env }: CliContext, configs: readonly (Config | undefined)[]): void {
  const names = configs.flatMap((config) => config?.clusters.flatMap(({ write }) => write?.env ?? []) ?? []);
  const set = [...new Set(names)].filter((name) => (env[name] ?? '') !== '');
  if (set.length > 0)
    throw new GitmendError('CI_WRITE_CREDENTIAL', `${set.join(', ')} is set, and this job only plans`);
}
