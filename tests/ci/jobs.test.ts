import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCiLab } from '../../demo/ci-lab.ts';
import type { PersonForge } from '../../demo/home.ts';
import { pushEdit } from '../../demo/story.ts';
import type { Lab } from '../../demo/lab.ts';
import type { Gitea } from '../../simulators/gitea/index.ts';
import { memoryShort } from '../../simulators/pve/index.ts';
import { beginRun, endRun } from '../../simulators/gitea/routes/actions.ts';
import { canonical } from '../../src/core/json.ts';
import type { CiRun } from '../../src/core/run.ts';
import { emptyTree, openRepository, type Repository } from '../../src/git/repository.ts';
import { holderOf, type Machine } from '../../src/ledger/holder.ts';
import { lockRef } from '../../src/ledger/locks.ts';
import { readChain, recordsRef } from '../../src/ledger/records.ts';
import { inProcessBot } from '../support/in-process.ts';
import { computer } from '../support/machines.ts';
import { type TestClock, testClock } from '../support/test-clock.ts';
import { gitmend, jobEnvironment } from './in-process.ts';

let [lab, gitea, clock]: [Lab<PersonForge>, Gitea, TestClock] = [] as never;

beforeEach(async () => {
  clock = testClock();
  ({ lab, gitea } = await openCiLab({ clock, trouble: memoryShort }));
});

afterEach(async () => {
  await lab.close();
  await rm(lab.folder, { recursive: true, force: true });
});

type Wanted = Partial<Parameters<typeof jobEnvironment>[2]>;

/** One job, as the template starts it: `plan`, `apply` or `reconcile` with the credentials of that. */
async function job(command: string, wanted: Wanted = {}): Promise<{ code: number; said: string }> {
  const [verb = '', ...more] = command.split(' ');
  const secret = verb === 'plan' ? 'GITMEND_PVE_READ' : 'GITMEND_PVE_WRITE';
  const value = (verb === 'plan' ? lab.env.read : lab.env.write)[secret] ?? '';
  const event = verb === 'apply' ? 'push' : 'schedule';
  const env = await jobEnvironment(lab, gitea, { event, ...wanted, more: { [secret]: value, ...wanted.more } });
  return gitmend([verb, '--ci', ...more], env, clock);
}

/** The alert arrives at the service, and the job of the pull request that it opens plans it. Returns its number. */
async function proposed(): Promise<number> {
  await inProcessBot(lab, clock, computer()).heal();
  const [pr] = await lab.forge.pullRequests({ state: 'open' });
  expect(await job('plan')).toMatchObject({ code: 0 });
  return pr?.number ?? 0;
}

async function merged(): Promise<number> {
  const number = await proposed();
  await lab.forge.merge(number, { style: 'merge', head: (await lab.forge.pullRequest(number)).head });
  return number;
}

async function mirror(): Promise<Repository> {
  const repo = await openRepository(join(lab.folder, 'test-mirror.git'), lab.forge.remote, lab.forge.gitEnv);
  await repo.fetch();
  return repo;
}

const writes = () => lab.pve.requests.filter(({ method }) => method !== 'GET').length;
const outcomes = async () => {
  const chain = await readChain(await mirror());
  if (!chain.ok) throw new Error(chain.why);
  return chain.records.map(({ record }) => record.outcome);
};
const pullPayload = (number: number, repository = 1) => ({
  pull_request: { number, head: { repo: { id: repository } }, base: { repo: { id: 1 } } },
});

describe('gitmend plan --ci', () => {
  it('says of a pull request from a fork that it is not planned, before any secret is looked at', async () => {
    const before = gitea.requests.length;
    const summary = join(lab.folder, 'summary.md');
    const more = { GITHUB_TOKEN: '', GITMEND_PVE_READ: '', GITHUB_STEP_SUMMARY: summary };
    const said = await job('plan', { event: 'pull_request', payload: pullPayload(7, 2), more });
    expect(said).toEqual({ code: 0, said: '#7 comes from a fork: it is not planned, and no secret was read\n' });
    expect(gitea.requests.length).toBe(before);
    expect(await readFile(summary, 'utf8')).toBe(
      '- `#7 comes from a fork: it is not planned, and no secret was read`\n',
    );
  });

  it('believes the forge when it says fork, whatever the payload says', async () => {
    await inProcessBot(lab, clock, computer()).heal();
    const [pull] = gitea.world.pulls;
    if (pull !== undefined) pull.from = 'fork';
    const number = pull?.number ?? 0;
    const asked = [
      await job('plan', { event: 'pull_request', payload: pullPayload(number) }),
      await job('plan', { event: 'workflow_dispatch', payload: { inputs: { pull_request: String(number) } } }),
      await job('plan'),
    ];
    for (const one of asked)
      expect(one).toEqual({ code: 0, said: `#${number} comes from a fork: it is not planned\n` });
    expect([...(await (await mirror()).refs('refs/gitmend/plans')).keys()]).toEqual([]);
  });

  it('plans the pull request of its event and leaves what the service would have left', async () => {
    await inProcessBot(lab, clock, computer()).heal();
    const [pr] = await lab.forge.pullRequests({ state: 'open' });
    expect(await lab.forge.comments(pr?.number ?? 0)).toEqual([]);
    const said = await job('plan', { event: 'pull_request', payload: pullPayload(pr?.number ?? 0) });
    expect(said).toEqual({
      code: 0,
      said: `#${pr?.number ?? 0} planned: postgres memory 2048 → 3072 MiB; dry run accepted\n`,
    });
    expect((await lab.forge.statuses(pr?.head ?? '')).map(({ context, state }) => [context, state])).toEqual([
      ['gitmend/plan', 'success'],
      ['gitmend/policy', 'success'],
    ]);
    const [comment] = await lab.forge.comments(pr?.number ?? 0);
    expect(comment?.author).toBe('gitea-actions');
    // The service's own pull request is gitmend's, so its remedy says what is verified.
    expect(comment?.body).toContain('3072');
    expect(writes()).toBe(0);
  });

  it('says that a pull request which was closed meanwhile is not open', async () => {
    const payload = { inputs: { pull_request: '99' } };
    expect(await job('plan', { event: 'workflow_dispatch', payload })).toEqual({
      code: 0,
      said: '#99 is not open (any more)\n',
    });
  });

  it('refuses where it could see a write credential, and plans nothing', async () => {
    await inProcessBot(lab, clock, computer()).heal();
    const said = await job('plan', { more: { GITMEND_PVE_WRITE: 'user@pve!x=secret-value' } });
    expect(said.code).toBe(1);
    expect(said.said).toContain('CI_WRITE_CREDENTIAL: GITMEND_PVE_WRITE is set');
    expect(said.said).not.toContain('secret-value');
    expect([...(await (await mirror()).refs('refs/gitmend/plans')).keys()]).toEqual([]);
  });

  it('writes as the account of forge.token where the job was given that token', async () => {
    const number = await proposed();
    const own = { GITMEND_GITEA_TOKEN: gitea.token('robot') };
    const payload = { inputs: { pull_request: String(number), anew: 'true' } };
    await job('plan', { event: 'workflow_dispatch', payload, more: { ...own, GITMEND_BOT: 'gitmend' } });
    const authors = (await lab.forge.comments(number)).map(({ author }) => author);
    expect(authors).toContain('robot');
  });

  it('takes no words that the job has to say', async () => {
    const env = await jobEnvironment(lab, gitea, { event: 'schedule' });
    expect(await gitmend(['plan', '--ci', '7'], env, clock)).toMatchObject({ code: 2 });
  });

  it('leaves what policy lets gitmend merge to a person: a job keeps nothing, so it cannot know that gitmend made the head', async () => {
    const auto = (text: string) => text.replace('level: approve\n', 'level: auto\n');
    const stage = { lab, bot: undefined as never, say: () => undefined, another: undefined as never };
    await pushEdit(stage, 'main', { 'policies/guests.yaml': auto }, 'small things by themselves');
    await inProcessBot(lab, clock, computer()).heal();
    await job('plan');
    clock.advance(61_000);
    const more = { GITMEND_GITEA_TOKEN: gitea.token('gitmend') };
    const left = /^#\d+ is left to a person to merge: this machine did not make its head$/m;
    expect((await job('plan', { more })).said).toMatch(left);
    expect(await lab.forge.pullRequests({ state: 'merged' })).toEqual([]);
  });

  it('asks for the token of the job by its name', async () => {
    const said = await job('plan', { more: { GITHUB_TOKEN: '' } });
    expect(said.code).toBe(1);
    expect(said.said).toContain('ENV_MISSING: GITHUB_TOKEN is not set');
  });
});

describe('gitmend apply --ci', () => {
  it('applies once, verifies for as long as it is told to wait, and the next job goes on from nothing', async () => {
    await merged();
    // A state folder that stays on the machine is not even opened: any workflow there could have written it.
    const first = await job('apply --wait 2s', { more: { GITMEND_STATE: '/proc/none' } });
    expect(first).toMatchObject({ code: 0 });
    expect(first.said).toContain('write credentials: everyone who can push may also merge');
    expect(first.said).toMatch(/^#\d+ applied: postgres memory 3072 MiB, live$/m);
    expect(first.said).toMatch(/^verification goes on in the next reconcile, from 2026-/m);
    expect(await outcomes()).toEqual(['adopted']);
    clock.advance(10_000);
    const next = await job('reconcile');
    expect(next).toMatchObject({ code: 0 });
    expect(next.said).toContain('verified');
    expect(await outcomes()).toEqual(['adopted', 'verified']);
    expect(writes()).toBe(1);
    expect((await job('reconcile')).said).toContain('everything that is merged is applied');
    // Nothing is kept between jobs.
    expect((await readdir(lab.folder)).filter((name) => name.startsWith('gitmend-ci-'))).toEqual([]);
  });

  it('takes a merge of which no event told, in the next reconcile', async () => {
    await merged();
    expect(await job('reconcile')).toMatchObject({ code: 0 });
    expect(await outcomes()).toEqual(['adopted', 'verified']);
  });

  it('applies once when two jobs begin at the same moment', async () => {
    await merged();
    const both = await Promise.all([job('apply', { run: '901' }), job('apply', { run: '902' })]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(writes()).toBe(1);
    expect(await outcomes()).toEqual(['adopted', 'verified']);
  });

  it('is red where a run ended badly', async () => {
    await merged();
    const guest = lab.pve.world.guests.get(200);
    if (guest !== undefined) guest.config['memory'] = '4096';
    const said = await job('apply');
    expect(said.code).toBe(1);
    expect(said.said).toContain('not-applied (stale)');
    expect(writes()).toBe(0);
  });

  it('dispatches the plan of a pull request that has none, and goes on where the forge does not let it', async () => {
    await proposed();
    gitea.world.actions = { runs: [], dispatched: [], workflows: ['gitmend-plan.yml'] };
    const repo = await mirror();
    const [[ref, tip]] = [...(await repo.refs('refs/gitmend/plans'))] as [[string, string]];
    // A person's pull request: gitmend's own are planned by the runner itself.
    const [pull] = gitea.world.pulls;
    if (pull !== undefined) pull.user = { ...pull.user, login: 'ana' };
    await repo.push([{ ref, from: tip, to: null }]);
    const number = ref.split('/').at(-1) ?? '';
    expect((await job('reconcile')).said).toContain(`#${number} has no plan yet: gitmend-plan.yml is started`);
    expect(gitea.world.actions.dispatched).toEqual([
      { workflow: 'gitmend-plan.yml', ref: 'refs/heads/main', inputs: { pull_request: number }, by: 'gitea-actions' },
    ]);
    gitea.world.actions.workflows = [];
    const again = await job('reconcile');
    expect(again).toMatchObject({ code: 0 });
    expect(again.said).toContain('could not be started');
  });

  it('refuses where one who may push approves nothing, and sends nothing', async () => {
    await merged();
    gitea.token('mallory');
    const said = await job('apply');
    expect(said.code).toBe(1);
    expect(said.said).toContain('CI_EXPOSED');
    expect(said.said).toContain('mallory can push a workflow that reads the write secret');
    expect(writes()).toBe(0);
    // Nobody makes himself an approver, or accepts the risk, by a push: the rules in force decide.
    const stage = { lab, bot: undefined as never, say: () => undefined, another: undefined as never };
    const more = 'accepts: [pushers-can-read-write-secret]\napprovers: [mallory, ';
    await pushEdit(stage, 'main', { 'gitmend.yaml': (text) => text.replace('approvers: [', more) }, 'me too');
    expect((await job('apply')).said).toContain('CI_EXPOSED');
    expect(writes()).toBe(0);
    gitea.world.permissions.set('mallory', 'read');
    expect(await job('apply')).toMatchObject({ code: 0 });
    expect(writes()).toBe(1);
  });

  it('is for jobs alone', async () => {
    const env = await jobEnvironment(lab, gitea, { event: 'push' });
    expect(await gitmend(['apply'], env, clock)).toMatchObject({ code: 2 });
    expect(await gitmend(['reconcile', '--ci', '--wait', '7h'], env, clock).catch(String)).toContain('at most 6h');
    const said = await gitmend(['apply', '--ci'], {}, clock);
    expect(said.code).toBe(1);
    expect(said.said).toContain('CI_ENVIRONMENT: GITHUB_ACTIONS is not set');
  });

  it('does nothing where the rules in force leave it to the built-in runner', async () => {
    const stage = { lab, bot: undefined as never, say: () => undefined, another: undefined as never };
    const builtin = (text: string) => text.replace('runner: ci', 'runner: builtin');
    await pushEdit(stage, 'main', { 'gitmend.yaml': builtin }, 'the built-in runner');
    for (const verb of ['plan', 'apply', 'reconcile']) {
      const said = await job(verb);
      expect(said.code).toBe(1);
      expect(said.said).toContain('CI_NOT_CHOSEN');
    }
  });

  it('is asked for by doctor in the same words', async () => {
    const doctor = async () => gitmend(['-C', lab.clone, 'doctor'], { ...lab.env.read, HOME: lab.folder }, clock);
    expect((await doctor()).said).toContain('everyone who can push may also merge');
    gitea.token('mallory');
    const said = await doctor();
    expect(said.code).toBe(1);
    expect(said.said).toContain('mallory can push a workflow that reads the write secret');
    expect(said.said).toContain('gitmend apply --ci refuses until you bind the secret');
  });

  it('never applies in a job of a pull request', async () => {
    const number = await merged();
    const said = await job('apply', { event: 'pull_request', payload: pullPayload(number) });
    expect(said.said).toContain('CI_ENVIRONMENT: a job of a pull request plans, and never applies');
    expect(writes()).toBe(0);
  });

  it('asks for the write credential before anything', async () => {
    await merged();
    const said = await job('apply', { more: { GITMEND_PVE_WRITE: '' } });
    expect(said).toMatchObject({ code: 1 });
    expect(said.said).toContain('ENV_MISSING: GITMEND_PVE_WRITE is not set');
  });

  it('stops where the records no longer say what gitmend said on the pull request', async () => {
    await merged();
    await job('apply');
    const repo = await mirror();
    const tip = (await repo.tip(recordsRef)) ?? '';
    const [before = ''] = await repo.parents(tip);
    await repo.push([{ ref: recordsRef, from: tip, to: before }]);
    const said = await job('reconcile');
    expect(said.code).toBe(1);
    expect(said.said).toMatch(
      /RECORDS_TAMPERED: #\d+ says that its run [0-9a-f]{7} ended verified, and no record does/,
    );
    expect(writes()).toBe(1);
  });
});

describe('the lock of a job', () => {
  /** The lock of postgres in the hands of a job of CI. */
  async function held(ci: Partial<CiRun>): Promise<void> {
    const run = { server: gitea.url, repository: gitea.repository, run: '7', attempt: 1, ...ci };
    const machine: Machine = { ...computer().process(), ci: run };
    const repo = await mirror();
    const target = 'home/lxc/200';
    const message = canonical({ target, holder: holderOf(machine, 'a'.repeat(40), '2026-11-20T03:34:00Z', 'n') });
    const to = await repo.commit({ tree: emptyTree, parents: [], message, at: clock.now() });
    await repo.push([{ ref: lockRef(target), from: (await repo.tip(lockRef(target))) ?? null, to }]);
  }

  it('is waited for while its run goes on, and taken over once the forge says that it has ended', async () => {
    await merged();
    const run = beginRun(gitea.world, 'gitmend-apply.yml', 'push', clock.now());
    await held({ run: String(run.id) });
    const waits = await job('apply --wait 1m');
    expect(waits).toMatchObject({ code: 0 });
    expect(waits.said).toMatch(/^waiting: #\d+: run aaaaaaa on .* holds home\/lxc\/200/m);
    expect(writes()).toBe(0);
    endRun(run, 'failure', clock.now());
    expect(await job('reconcile')).toMatchObject({ code: 0 });
    expect(writes()).toBe(1);
  });

  it('is not taken from a run that was cancelled a moment ago, whose process may not know yet', async () => {
    await merged();
    const run = beginRun(gitea.world, 'gitmend-apply.yml', 'push', clock.now());
    await held({ run: String(run.id) });
    endRun(run, 'cancelled', clock.now());
    await job('apply --wait 1m');
    expect(writes()).toBe(0);
    clock.advance(2 * 60_000);
    await job('reconcile');
    expect(writes()).toBe(1);
  });

  it('blocks where it names a run that nobody can vouch for, or cannot be read', async () => {
    await merged();
    const forged: Partial<CiRun>[] = [
      { run: '123456' },
      { server: 'https://elsewhere.example', run: '41' },
      { run: '../../../user' },
      { attempt: 'x' as unknown as number },
    ];
    for (const ci of forged) {
      await held(ci);
      expect((await job('apply --wait 1s')).said, JSON.stringify(ci)).toContain('waiting: ');
    }
    expect(writes()).toBe(0);
  });
});
