// A process of its own with the forge open: told in JSON what to do, it can be killed anywhere.
// argv: folder, account, task (JSON). KILL_AT=n in the environment kills it with -9 at its n-th trace point.
import { openLocalForge } from '../../../src/forges/local/index.ts';
import { clock, type LocalForge } from './under-test.ts';

export type Task =
  | { kind: 'merge'; number: number; head: string; style: 'merge' | 'squash' | 'rebase' }
  | { kind: 'story'; branch: string; head: string }
  | { kind: 'busy'; branches: string[]; turns: number }
  | { kind: 'merge-all'; numbers: number[] };

const [folder = '', account = '', text = ''] = process.argv.slice(2);
const killAt = Number(process.env['KILL_AT'] ?? 0);
let points = 0;

const trace = (point: string): void => {
  points += 1;
  if (process.env['TELL_POINTS'] === '1') process.stdout.write(`${point}\n`);
  if (points === killAt) process.kill(process.pid, 'SIGKILL');
};

const forge = await openLocalForge({ folder, as: account, clock, trace });
await perform(forge, JSON.parse(text) as Task);
forge.release();

async function perform(forge: LocalForge, task: Task): Promise<void> {
  switch (task.kind) {
    case 'merge':
      await forge.merge(task.number, { style: task.style, head: task.head });
      return;
    case 'story':
      return story(forge, task.branch, task.head);
    case 'busy':
      return busy(forge, task.branches, task.turns);
    case 'merge-all':
      return mergeAll(forge, task.numbers);
  }
}

/** Every intent once: what another process does again after this one was killed must end the same. */
async function story(forge: LocalForge, branch: string, head: string): Promise<void> {
  const { number } = await forge.ensurePullRequest({ branch, base: 'main', title: 'fix', body: 'b', labels: ['x'] });
  await forge.ensurePullRequest({ branch, base: 'main', title: 'fix it', body: 'b', labels: ['x'] });
  await forge.ensureComment(number, 'plan', 'Plan 1');
  await forge.ensureComment(number, 'plan', 'Plan 2');
  await forge.ensureStatus(head, { context: 'gitmend/plan', state: 'success', description: 'ok' });
  await forge.close(number, 'The fault is gone.');
}

async function busy(forge: LocalForge, branches: string[], turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) {
    for (const branch of branches) {
      const { number } = await forge.ensurePullRequest({ branch, base: 'main', title: 't', body: '', labels: [] });
      await forge.comment(number, `${forge.self} ${turn}`);
      await forge.ensureComment(number, 'plan', `turn ${turn}`);
    }
  }
}

async function mergeAll(forge: LocalForge, numbers: number[]): Promise<void> {
  for (const number of numbers) {
    const { head } = await forge.pullRequest(number);
    await forge.merge(number, { style: 'merge', head });
  }
}
