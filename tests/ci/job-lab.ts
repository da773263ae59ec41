import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openCiLab } from '../../demo/ci-lab.ts';
import type { PersonForge } from '../../demo/home.ts';
import type { Lab, LabOptions } from '../../demo/lab.ts';
import { openByHand, pushEdit } from '../../demo/story.ts';
import type { Gitea } from '../../simulators/gitea/index.ts';
import { memoryShort } from '../../simulators/pve/index.ts';
import { openRepository, type Repository } from '../../src/git/repository.ts';
import { readChain } from '../../src/ledger/records.ts';
import { inProcessBot } from '../support/in-process.ts';
import { computer } from '../support/machines.ts';
import { type TestClock, testClock } from '../support/test-clock.ts';
import { gitmend, jobEnvironment } from './in-process.ts';

export type Wanted = Partial<Parameters<typeof jobEnvironment>[2]> & { directory?: string };
export type Said = Awaited<ReturnType<typeof gitmend>>;
type Edits = Parameters<typeof pushEdit>[2];

/** A lab with `runner: ci` on a stand-in Gitea, whose jobs a test starts itself, one by one. */
export interface JobLab {
  lab: Lab<PersonForge>;
  gitea: Gitea;
  clock: TestClock;
  /** One job, as the template starts it: `plan`, `apply` or `reconcile` with the credentials of that. */
  job: (command: string, wanted?: Wanted) => Promise<Said>;
  /** The alert arrives at the service, which opens a pull request. Returns its number. */
  heal(): Promise<number>;
  merge(number: number): Promise<void>;
  /** To the default branch, past any pull request. */
  push(edits: Edits): Promise<void>;
  /** A pull request of a person's own. Returns its number. */
  open(branch: string, edits: Edits): Promise<number>;
  mirror(): Promise<Repository>;
  /** Refs of the plans that there are. */
  plans(): Promise<string[]>;
  outcomes(): Promise<string[]>;
  /** Who wrote the comments on a pull request. */
  authors(number: number): Promise<string[]>;
  /** Requests to Proxmox VE that were no reads. */
  writes(): number;
  close(): Promise<void>;
}

export async function openJobLab(begin?: Edits, trouble: LabOptions['trouble'] = memoryShort): Promise<JobLab> {
  const clock = testClock();
  const { lab, gitea } = await openCiLab({ clock, trouble });
  const stage = { lab, bot: undefined as never, say: () => undefined, another: undefined as never };
  const push = (edits: Edits) => pushEdit(stage, 'main', edits, 'a push');
  if (begin !== undefined) await push(begin);
  const mirror = async () => {
    const repo = await openRepository(join(lab.folder, 'test-mirror.git'), lab.forge.remote, lab.forge.gitEnv);
    await repo.fetch();
    return repo;
  };
  return {
    ...{ lab, gitea, clock, push, mirror },
    open: (branch, edits) => openByHand(stage, branch, edits, branch),
    async job(command, { directory, ...wanted } = {}) {
      const [verb = '', ...more] = command.split(' ');
      const secret = verb === 'plan' ? 'GITMEND_PVE_READ' : 'GITMEND_PVE_WRITE';
      const value = (verb === 'plan' ? lab.env.read : lab.env.write)[secret] ?? '';
      const event = verb === 'apply' ? 'push' : 'schedule';
      const env = await jobEnvironment(lab, gitea, { event, ...wanted, more: { [secret]: value, ...wanted.more } });
      const place = directory === undefined ? [] : ['-C', directory];
      return gitmend([...place, verb, '--ci', ...more], env, clock);
    },
    async heal() {
      await inProcessBot(lab, clock, computer()).heal();
      const [pr] = await lab.forge.pullRequests({ state: 'open' });
      return pr?.number ?? 0;
    },
    async merge(number) {
      await lab.forge.merge(number, { style: 'merge', head: (await lab.forge.pullRequest(number)).head });
    },
    plans: async () => [...(await (await mirror()).refs('refs/gitmend/plans')).keys()],
    async outcomes() {
      const chain = await readChain(await mirror());
      if (!chain.ok) throw new Error(chain.why);
      return chain.records.map(({ record }) => record.outcome);
    },
    authors: async (number) => (await lab.forge.comments(number)).map(({ author }) => author),
    writes: () => lab.pve.requests.filter(({ method }) => method !== 'GET').length,
    async close() {
      await lab.end();
      await rm(lab.folder, { recursive: true, force: true });
    },
  };
}

/** What the event of a pull request says, as far as anybody reads it; of a fork where its repository is another one. */
export const pullPayload = (number: number, repository = 1) => ({
  pull_request: { number, head: { repo: { id: repository } }, base: { repo: { id: 1 } } },
});

/** A dispatch that asks for one pull request, anew. */
export const dispatched = (number: number, anew = false) => ({
  event: 'workflow_dispatch',
  payload: { inputs: { pull_request: String(number), anew: String(anew) } },
});
