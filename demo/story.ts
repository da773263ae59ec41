import { readFile, writeFile } from 'node:fs/promises';
import type { RunRecord } from '../src/core/run.ts';
import type { PullRequest } from '../src/forges/forge.ts';
import { gitIn } from '../src/git/git.ts';
import { openRepository } from '../src/git/repository.ts';
import { readChain } from '../src/ledger/records.ts';
import { noteSize } from '../simulators/pve/world.ts';
import type { World } from '../simulators/pve/index.ts';
import type { Bot } from './bot.ts';
import type { PersonForge } from './home.ts';
import type { Lab } from './lab.ts';

/** What a story works with. */
export interface Stage {
  lab: Lab<PersonForge>;
  bot: Bot;
  /** One line of the story, with its time. */
  say: (text: string) => void;
  /** A second lab with other trouble, closed with the first. */
  another: (trouble: Scenario['trouble']) => Promise<Stage>;
}

/** One scenario: what is wrong in the lab, what happens, and the outcome that it promises. */
export interface Scenario {
  name: string;
  /** One sentence for `--list`. */
  about: string;
  promise: string;
  trouble(world: World, now: number): World;
  /** Plays it and returns the outcome that was reached; throws where something happened that must not. */
  play(stage: Stage): Promise<string>;
}

/** A story that went wrong: said with its reason, exit 1. */
export class StoryError extends Error {}

/** Demands something of the story. */
export function demand(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new StoryError(otherwise);
}

/** The open pull requests, newest last. */
export async function openPullRequests({ lab }: Stage): Promise<PullRequest[]> {
  return (await lab.forge.pullRequests({ state: 'open' })).sort((a, b) => a.number - b.number);
}

/** Heal: the alert arrives, and what follows is said. Returns the pull request, where one was opened. */
export async function alertArrives(stage: Stage): Promise<PullRequest | undefined> {
  const { lab, bot, say } = stage;
  say(`alert ${lab.alert.labels['alertname'] ?? ''} for ${lab.alert.labels['id'] ?? ''}`);
  // The pull request is said below, by its own words.
  await bot.heal((line) => {
    if (!line.startsWith('proposed')) say(line);
  });
  const [opened] = (await openPullRequests(stage)).slice(-1);
  if (opened !== undefined) say(`pull request #${opened.number} ${opened.title}`);
  return opened;
}

/** What the plan comment says first. */
export async function sayPlan({ lab, say }: Stage, number: number): Promise<void> {
  const comment = (await lab.forge.comments(number)).find(({ body }) => body.includes('<!-- gitmend:plan -->'));
  demand(comment !== undefined, `#${number} has no plan comment`);
  const heading = /^### Plan `([0-9a-f]+)`: (.*)$/m.exec(comment.body);
  const dryRun = /^\*\*Dry run [^*]*\*\* (.*?)\.( |$)/m.exec(comment.body)?.[1]?.replaceAll('*', '') ?? '';
  say(`plan ${heading?.[1] ?? '?'} shown: ${heading?.[2] ?? ''}${dryRun === '' ? '' : `; dry run ${dryRun}`}`);
}

/** The person merges. */
export async function merge({ lab, say }: Stage, number: number): Promise<void> {
  const { head } = await lab.forge.pullRequest(number);
  await lab.forge.merge(number, { style: 'merge', head });
  say('merged by you (--auto)');
}

/** The runner works until nothing is left to verify; what the pull request says afterwards is said. */
export async function runnerWorks(stage: Stage, number: number): Promise<RunRecord> {
  await stage.bot.run();
  const record = await recordOf(stage, number);
  demand(record !== undefined, `#${number} has no record`);
  stage.say(await lastWords(stage, number));
  return record;
}

/** The record of one pull request's run, read from git by nobody's leave. */
export async function recordOf({ lab }: Stage, number: number): Promise<RunRecord | undefined> {
  return (await recordsOf(lab)).findLast((record) => record.pullRequest?.number === number);
}

/** Every record, oldest first. */
export async function recordsOf(lab: Lab<PersonForge>): Promise<RunRecord[]> {
  const repo = await openRepository(`${lab.folder}/state/reader.git`, lab.forge.remote, lab.forge.gitEnv);
  await repo.fetch();
  const chain = await readChain(repo);
  demand(chain.ok, chain.ok ? '' : chain.why);
  return chain.records.map(({ record }) => record);
}

/** The last comment, as a line. */
export async function lastWords({ lab }: Stage, number: number): Promise<string> {
  const body = (await lab.forge.comments(number)).at(-1)?.body ?? '';
  const line = body.split('\n').find((text) => text !== '' && !text.startsWith('<!--')) ?? '';
  return line.replaceAll('**', '').replaceAll('`', '');
}

/** Writes that reached PVE and took effect or may have. */
export function writes({ lab }: Stage): number {
  return lab.pve.requests.filter(({ method }) => method !== 'GET').length;
}

/** Memory of a guest as PVE has it in force, MiB. */
export function memoryOf({ lab }: Stage, vmid: number): number {
  return Number(lab.pve.world.guests.get(vmid)?.config['memory']);
}

/** A person edits files of the clone and pushes them, to a branch or straight to the default branch. */
export async function pushEdit(
  { lab }: Stage,
  branch: string,
  edits: { [path: string]: (text: string) => string },
  message: string,
): Promise<void> {
  const git = gitIn(lab.clone, { name: 'maintainer', email: 'maintainer@home.lan' });
  const reach = { env: { ...lab.forge.gitEnv } };
  await git(['fetch', '--quiet', 'origin'], reach);
  await git(['checkout', '--quiet', '-B', branch, 'origin/main']);
  for (const [path, edit] of Object.entries(edits))
    await writeFile(`${lab.clone}/${path}`, edit(await readFile(`${lab.clone}/${path}`, 'utf8')));
  await git(['commit', '--quiet', '--all', '--message', message]);
  await git(['push', '--quiet', 'origin', `${branch}:${branch}`], reach);
}

/** A person opens a pull request of their own. Returns its number. */
export async function openByHand(
  stage: Stage,
  branch: string,
  edits: Parameters<typeof pushEdit>[2],
  title: string,
): Promise<number> {
  await pushEdit(stage, branch, edits, title);
  const { forge } = stage.lab;
  return (await forge.openPullRequest({ branch, base: forge.defaultBranch, title, body: '', labels: [] })).number;
}

/** Somebody changes a container on the node, past the repository, as `pct set` does. */
export async function resizeByHand({ lab, say }: Stage, vmid: number, memory: number): Promise<void> {
  const guest = lab.pve.world.guests.get(vmid);
  demand(guest !== undefined, `there is no guest ${vmid}`);
  guest.config['memory'] = String(memory);
  noteSize(lab.pve.world, guest, lab.pve.now());
  say(`somebody sets the memory of ${vmid} to ${memory} MiB on pve1`);
}
