import { createHmac, randomUUID } from 'node:crypto';
import { type GiteaHome, giteaHome } from '../demo/gitea-home.ts';
import type { PersonForge } from '../demo/home.ts';
import type { Lab } from '../demo/lab.ts';
import { type Gitea, startGitea, type World } from '../simulators/gitea/index.ts';
import { systemClock } from '../src/cli/clock.ts';
import { type Change, person, pushBranch } from './person.ts';
import { until } from './until.ts';

/** What a Gitea of the bench is asked. `door`: where its web hooks go. */
export type ForgeRequest =
  /** A person opens a pull request about `short-<guest>`: value is its number; `pending`, `planned` (ms after the hook), `writes`. */
  | { do: 'open'; guest: number; door: string; change: Change }
  /** A person writes a command below one: value is the time until its reaction (ms); `answered` until its answer. */
  | { do: 'command'; number: number; door: string }
  /** That many more are open, by one branch. */
  | { do: 'many'; amount: number }
  /** Somebody changed one of them. */
  | { do: 'touch' };

const [secret, bot] = ['this-secret-is-only-for-the-bench', 'gitmend'];
/** Seconds that an answer may take before the measurement fails. */
const patience = 30;

/** The stand-in for Gitea in the lab's process, with the person in front of it. */
export interface ForgeLab {
  home: GiteaHome;
  answer(lab: Lab<PersonForge>, request: ForgeRequest): Promise<{ value: number; values?: { [name: string]: number } }>;
  close(): Promise<void>;
}

/** A Gitea that knows its web hooks' secret. It has no hooks of its own: `answer` posts them as a real one does. */
export async function openForgeLab(): Promise<ForgeLab> {
  const gitea = await startGitea({ clock: systemClock });
  const place = { url: gitea.url, token: gitea.token(person), botToken: gitea.token(bot) };
  const home = await giteaHome(place, { webhookSecret: secret });
  return {
    home,
    async answer(lab, request) {
      if (request.do === 'open') return open(gitea, lab, request);
      if (request.do === 'command') return command(gitea, request);
      return { value: request.do === 'many' ? await many(gitea, lab, request.amount) : touch(gitea) };
    },
    close: () => gitea.close(),
  };
}

async function open(gitea: Gitea, lab: Lab<PersonForge>, { guest, door, change }: ForgeRequest & { do: 'open' }) {
  const [what, value] = 'memory' in change ? ['memory', change.memory] : ['disk', change.disk];
  const branch = `${what}-${value}-for-short-${guest}`;
  await pushBranch(lab, branch, { file: `guests/short-${guest}.yaml`, change });
  await quiet(gitea);
  const title = `short-${guest}: more ${what}`;
  const { number, head } = await lab.forge.openPullRequest({ branch, base: 'main', title, body: '', labels: [] });
  const before = gitea.requests.length;
  const begun = performance.now();
  const after = (): number => performance.now() - begun;
  await post(door, 'pull_request', { action: 'opened', number, pull_request: { number, head: { sha: head } } });
  const { statuses } = gitea.world;
  await until(() => statuses.some(({ sha, context }) => sha === head && context === 'gitmend/plan'), patience, 1);
  const pending = after();
  const first = statuses.find(({ sha, context }) => sha === head && context === 'gitmend/plan');
  if (first?.state !== 'pending') throw new Error(`the first status is ${first?.state ?? 'none'}, not pending`);
  const isPlan = ({ pull, user, body }: World['notes'][number]): boolean =>
    pull === number && user.login === bot && body.startsWith('<!-- gitmend:plan -->');
  await until(() => gitea.world.notes.some(isPlan), patience, 1);
  const planned = after();
  await quiet(gitea);
  // A refusal would be quicker than a plan, and no plan.
  const last = statuses.findLast(({ sha, context }) => sha === head && context === 'gitmend/plan');
  if (last?.state !== 'success') throw new Error(`#${number} has no plan: ${last?.description ?? 'no status'}`);
  const writes = gitea.requests.slice(before).filter(({ by, method }) => by === bot && method !== 'GET').length;
  return { value: number, values: { pending, planned, writes } };
}

async function command(gitea: Gitea, { number, door }: ForgeRequest & { do: 'command' }) {
  const url = `${gitea.url}/api/v1/repos/${gitea.repository}/issues/${number}/comments`;
  await quiet(gitea);
  const headers = { authorization: `token ${gitea.token(person)}`, 'content-type': 'application/json' };
  const said = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ body: '/status' }) });
  const { id } = (await said.json()) as { id: number };
  const begun = performance.now();
  const after = (): number => performance.now() - begun;
  await post(door, 'issue_comment', { action: 'created', comment: { id }, issue: { number }, is_pull: true });
  await until(() => gitea.world.reactions.some(({ comment }) => comment === id), patience, 1);
  const value = after();
  const marker = `<!-- gitmend:answer/${id} -->`;
  await until(() => gitea.world.notes.some(({ body }) => body.startsWith(marker)), patience, 1);
  return { value, values: { answered: after() } };
}

/** Gitea's own headers, and the body signed as it signs it. */
async function post(door: string, event: string, content: object): Promise<void> {
  const body = JSON.stringify(content);
  const answer = await fetch(new URL('/signals/gitea', door), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-gitea-event': event,
      'x-gitea-delivery': randomUUID(),
      'x-gitea-signature': createHmac('sha256', secret).update(body).digest('hex'),
    },
    body,
  });
  if (answer.status !== 200) throw new Error(`the door answered ${answer.status}: ${await answer.text()}`);
}

/** Nobody has asked anything for a while: what was under way is at its end. */
async function quiet({ requests }: Gitea): Promise<void> {
  let [seen, since] = [-1, 0];
  await until(
    () => {
      if (requests.length !== seen) [seen, since] = [requests.length, performance.now()];
      return performance.now() - since > 400;
    },
    patience,
    20,
  );
}

/** Straight into its world: opening so many by requests would take longer than what is measured. */
async function many({ world }: Gitea, lab: Lab<PersonForge>, amount: number): Promise<number> {
  await pushBranch(lab, 'many');
  const { head } = await lab.forge.openPullRequest({
    branch: 'many',
    base: 'main',
    title: 'many',
    body: '',
    labels: [],
  });
  const first = world.pulls.find((pull) => pull.head === head);
  if (first === undefined) throw new Error('the first of many is not there');
  // An hour ago and a second apart: a cursor is a moment.
  const begin = Date.now() - 3_600_000 - amount * 1000;
  for (let index = 1; index < amount; index += 1) {
    const at = begin + index * 1000;
    world.pulls.push({ ...first, number: (world.counter += 1), reviews: [], labels: [], createdAt: at, updatedAt: at });
  }
  return world.pulls.filter(({ state }) => state === 'open').length;
}

/** The number of the one that was changed. */
function touch({ world }: Gitea): number {
  const pull = world.pulls[Math.floor(world.pulls.length / 2)];
  if (pull === undefined) throw new Error('there is none');
  Object.assign(pull, { title: `${pull.title}.`, updatedAt: Date.now() });
  return pull.number;
}
