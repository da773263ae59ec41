import { readFile, rm } from 'node:fs/promises';
import { onTestFinished } from 'vitest';
import { type Lab, openLabOn } from '../../demo/lab.ts';
import { pushEdit, recordsOf, type Stage } from '../../demo/story.ts';
import type { PersonForge } from '../../demo/home.ts';
import { forkRef } from '../../simulators/forge/git.ts';
import { memoryShort } from '../../simulators/pve/index.ts';
import { isGitmendError } from '../../src/core/errors.ts';
import type { Ground } from '../../src/deliver/world.ts';
import type { PullRequest } from '../../src/forges/forge.ts';
import { gitIn } from '../../src/git/git.ts';
import { openRepository } from '../../src/git/repository.ts';
import { commandsPass } from '../../src/pipeline/commands.ts';
import { planningPass } from '../../src/pipeline/deliver.ts';
import { healDelivery } from '../../src/pipeline/heal.ts';
import { rememberedCursors } from '../commands/setting.ts';
import { standingDoor, type StandingDoor } from '../serve/door/standing-door.ts';
import { openAs, openRunner, runToEnd } from '../support/in-process.ts';
import { computer } from '../support/machines.ts';
import { type TestClock, testClock } from '../support/test-clock.ts';
import { type Kind, secret, type StandIn, standIns } from './stand-ins.ts';

export type Edits = Parameters<typeof pushEdit>[2];

/** What a case ends with. Pull requests go by the kind of gitmend's branch (`resize-guest`), or by a person's branch. */
export interface Ending {
  /** `resize-guest: merged`, in the order in which they were opened. */
  pulls: string[];
  /** gitmend's comments on each, by the names in their markers: `resize-guest: plan, run`. */
  comments: string[];
  /** Every request to Proxmox VE that was no read: `PUT lxc/200 memory=3072`. */
  applies: string[];
  /** `resize-guest: verified` of each run. */
  records: string[];
  /** Locks that are still held. */
  locks: string[];
}

/** A lab on a stand-in, with gitmend's two halves as processes that come and go, and people who do what people do. */
export interface FaultLab {
  forge: StandIn;
  lab: Lab<PersonForge>;
  clock: TestClock;
  /** The service hears the alert, opens a pull request and shows its plan. */
  heal: (reader?: Ground) => Promise<void>;
  /** One look of the service, as a web hook or its timer begins it: commands, then plans. */
  look: (reader?: Ground) => Promise<void>;
  /** Another process of the service. */
  another: () => Promise<Ground>;
  /** The runner, until nothing is left to do. */
  run: () => Promise<void>;
  /** A person's pull request; its number. */
  propose: (branch: string, edits: Edits) => Promise<number>;
  /** A person edits what a branch of theirs begins with anew, and pushes over what was there. */
  forcePush: (branch: string, edits: Edits) => Promise<void>;
  /** A stranger's pull request from a fork, of the branch, the commit and the words of one that there is; its number. */
  imitate: (pull: PullRequest) => Promise<number>;
  /** The number of the only open pull request of gitmend's. */
  proposal: () => Promise<number>;
  merge: (number: number) => Promise<void>;
  /** A person's comment. */
  say: (number: number, body: string) => Promise<void>;
  /** Delivers an event through the door; the service looks as often as it was woken, all at the same time. */
  deliver: (events: readonly HookEvent[]) => Promise<void>;
  /** The text of gitmend's last comment of that name. */
  text: (number: number, name: string) => string;
  ending: () => Promise<Ending>;
}

/** What a web hook is about. Nothing else of it is read. */
export type HookEvent = 'pull_request' | 'issue_comment' | 'push';

/** One container is short of memory; the window is one look long. Gone after the test. */
export async function faultLab(kind: Kind, begin: Edits = {}): Promise<FaultLab> {
  const clock = testClock();
  const forge = await standIns[kind](clock);
  const lab = await openLabOn(forge.home, { clock, trouble: memoryShort });
  onTestFinished(async () => {
    await lab.end();
    await forge.close();
    await rm(lab.folder, { recursive: true, force: true });
  });
  const door = await standingDoor({ [`${kind}Secret`]: secret });
  const stage: Stage = { lab, bot: undefined as never, say: () => undefined, another: undefined as never };
  const short = (text: string): string => text.replace('window: 5s', 'window: 1s');
  const own = begin['gitmend.yaml'] ?? ((text: string) => text);
  await pushEdit(stage, 'main', { ...begin, 'gitmend.yaml': (text) => own(short(text)) }, 'begin');
  const service = await serviceOf(lab);
  // What was said before the service's first look is no command.
  await service.look();
  const people = peopleOf(forge, stage, clock);
  return { forge, lab, clock, ...service, ...people, ...deliveries(forge, door, service), ...sightOf(forge, lab) };
}

async function serviceOf(lab: Lab<PersonForge>) {
  const here = computer();
  const cursors = rememberedCursors();
  const another = async (): Promise<Ground> => {
    const ground = await openAs(lab, 'read', here);
    delete ground.synthesize;
    return ground;
  };
  const first = await another();
  return {
    another,
    async heal(reader = first) {
      await healDelivery(reader, await readFile(lab.payload, 'utf8'));
    },
    async look(reader = first) {
      await commandsPass(reader, { cursors });
      await planningPass(reader);
    },
    async run() {
      const runner = await openRunner(lab, here);
      delete runner.synthesize;
      await runToEnd(runner, lab.clock as TestClock);
    },
  };
}

/** Everything that a person does takes a minute. */
function peopleOf(forge: StandIn, stage: Stage, clock: TestClock) {
  const { lab } = stage;
  return {
    async propose(branch: string, edits: Edits) {
      clock.advance(60_000);
      await pushEdit(stage, branch, edits, branch);
      return (await lab.forge.openPullRequest({ branch, base: 'main', title: branch, body: '', labels: [] })).number;
    },
    async forcePush(branch: string, edits: Edits) {
      clock.advance(60_000);
      // Nothing is in the way of what is pushed next: the branch begins anew at the default branch.
      await gitIn(lab.clone)(
        ['push', '--quiet', '--force', 'origin', `origin/main~1:refs/heads/${branch}`],
        reach(lab),
      );
      await pushEdit(stage, branch, edits, `${branch}, anew`);
    },
    async imitate({ branch, base, head, body }: PullRequest) {
      clock.advance(60_000);
      const stranger = await forge.person('stranger');
      const git = gitIn(lab.clone);
      await git(['fetch', '--quiet', 'origin'], reach(lab));
      await git(['push', '--quiet', 'origin', `${head}:${forkRef(stranger.forge.self, branch)}`], reach(lab));
      return (await stranger.proposeFromFork?.(branch, base, body)) ?? 0;
    },
    async proposal() {
      const open = await lab.forge.pullRequests({ state: 'open' });
      const own = open.filter(({ branch }) => branch.startsWith('gitmend/'));
      if (own.length !== 1 || own[0] === undefined) throw new Error(`gitmend has ${own.length} open pull requests`);
      return own[0].number;
    },
    async merge(number: number) {
      clock.advance(60_000);
      await lab.forge.merge(number, { style: 'merge', head: (await lab.forge.pullRequest(number)).head });
    },
    async say(number: number, body: string) {
      clock.advance(60_000);
      await (await forge.person('maintainer')).comment(number, body);
    },
  };
}

/** Through the door, as the forge sends them: signed, each a delivery of its own. */
function deliveries(forge: StandIn, door: StandingDoor, service: Pick<FaultLab, 'another' | 'look'>) {
  return {
    async deliver(events: readonly HookEvent[]) {
      const before = door.wakened.times;
      for (const event of events) await post(forge, door, event);
      const looks = Array.from({ length: door.wakened.times - before }, async () =>
        service.look(await service.another()),
      );
      // Two that meet at a ref or on the forge: one of them looks again, as the service's loop does.
      for (const one of await Promise.allSettled(looks))
        if (one.status === 'rejected' && !isGitmendError(one.reason)) throw one.reason;
      if (looks.length > 0) await service.look();
    },
  };
}

async function post({ signed }: StandIn, { url }: StandingDoor, event: HookEvent): Promise<void> {
  const body = JSON.stringify({ action: 'said by nobody', number: 4711 });
  const path = 'x-hub-signature-256' in signed(body, event) ? 'github' : 'gitea';
  const answer = await fetch(`${url}/signals/${path}`, { method: 'POST', body, headers: signed(body, event) });
  if (answer.status !== 200) throw new Error(`the door answered ${answer.status}`);
}

function sightOf(forge: StandIn, lab: Lab<PersonForge>) {
  const nameOf = (number: number): string => {
    const branch = forge.pulls().find((pull) => pull.number === number)?.branch ?? `#${number}`;
    return branch.startsWith('gitmend/') ? (branch.split('/')[1] ?? branch) : branch;
  };
  const said = () => forge.comments().map(({ number, body }) => ({ number, body, name: markerNameOf(body) }));
  return {
    text: (number: number, name: string) =>
      said().findLast((one) => one.number === number && one.name === name)?.body ?? '',
    async ending(): Promise<Ending> {
      const pulls = forge.pulls();
      const names = (number: number) => said().flatMap((one) => (one.number === number ? [one.name] : []));
      return {
        pulls: pulls.map(({ number, state }) => `${nameOf(number)}: ${state}`),
        comments: pulls.map(({ number }) => `${nameOf(number)}: ${names(number).join(', ')}`),
        applies: lab.pve.requests.filter(({ method }) => method !== 'GET').map(applyOf),
        records: (await recordsOf(lab)).flatMap(({ pullRequest, outcome }) =>
          pullRequest === undefined ? [] : [`${nameOf(pullRequest.number)}: ${outcome}`],
        ),
        locks: await locksOf(lab),
      };
    },
  };
}

function markerNameOf(body: string): string {
  return /^<!-- gitmend:([a-z]+)/.exec(body)?.[1] ?? 'without a marker';
}

function applyOf({ method, path, parameters }: Lab['pve']['requests'][number]): string {
  const [, guest = path] = /((?:lxc|qemu)\/\d+)\/config$/.exec(path) ?? [];
  const values = Object.entries(parameters as { [name: string]: unknown }).filter(([name]) => name !== 'digest');
  return [method, guest, ...values.map(([name, value]) => `${name}=${String(value)}`)].join(' ');
}

async function locksOf({ folder, forge }: Lab<PersonForge>): Promise<string[]> {
  const repo = await openRepository(`${folder}/state/locks.git`, forge.remote, forge.gitEnv);
  await repo.fetch();
  return [...(await repo.refs('refs/gitmend/locks')).keys()];
}

function reach({ forge }: Lab<PersonForge>) {
  return { env: { ...forge.gitEnv } };
}
