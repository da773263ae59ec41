import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordsRef } from '../../src/ledger/records.ts';
import { gitmend, jobEnvironment } from './in-process.ts';
import { dispatched, type JobLab, openJobLab, pullPayload, type Said } from './job-lab.ts';

const ok = { code: 0 };

describe('a job that may not begin', () => {
  let at: JobLab;
  beforeAll(async () => {
    at = await openJobLab({ 'gitmend.yaml': (text) => text.replace('runner: ci', 'runner: builtin') });
  });
  afterAll(() => at.close());

  it('plans no pull request from a fork, and says so before any secret is looked at', async () => {
    const { gitea, lab, job } = at;
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

  it('takes no words that the job has to say, and none that are no job', async () => {
    const { lab, gitea, clock } = at;
    const env = await jobEnvironment(lab, gitea, { event: 'push' });
    expect(await gitmend(['plan', '--ci', '7'], env, clock)).toMatchObject({ code: 2 });
    expect(await gitmend(['apply'], env, clock)).toMatchObject({ code: 2 });
    expect(await gitmend(['reconcile', '--ci', '--wait', '7h'], env, clock).catch(String)).toContain('at most 6h');
    const said = await gitmend(['apply', '--ci'], {}, clock);
    expect(said.code).toBe(1);
    expect(said.said).toContain('CI_ENVIRONMENT: GITHUB_ACTIONS is not set');
  });

  it('asks for the token of the job by its name', async () => {
    const said = await at.job('plan', { more: { GITHUB_TOKEN: '' } });
    expect(said.code).toBe(1);
    expect(said.said).toContain('ENV_MISSING: GITHUB_TOKEN is not set');
  });

  it.each(['plan', 'apply', 'reconcile'])(
    'of another address than gitmend.yaml names uses no secret: %s',
    async (verb) => {
      const { gitea, lab, job } = at;
      const url = gitea.url.replace('127.0.0.1', 'localhost');
      const more = {
        ...{ GITHUB_SERVER_URL: url, GITHUB_API_URL: `${url}/api/v1` },
        GITMEND_GITEA_TOKEN: gitea.token('robot'),
      };
      const said = await job(verb, { more });
      expect(said.code).toBe(1);
      expect(said.said).toContain('CI_NOT_CHOSEN: gitmend.yaml names gitea');
      expect(said.said).toContain(`and this job is of gitea ${gitea.repository} at ${url}`);
      expect(lab.pve.requests).toEqual([]);
      expect(gitea.requests.filter(({ by }) => by === 'robot')).toEqual([]);
      expect((await (await at.mirror()).refs('refs/gitmend')).size).toBe(0);
    },
  );

  it('does nothing where the rules in force leave it to the built-in runner', async () => {
    for (const verb of ['plan', 'apply', 'reconcile']) {
      const said = await at.job(verb);
      expect(said.code).toBe(1);
      expect(said.said).toContain('CI_NOT_CHOSEN: ');
      expect(said.said).not.toContain('and this job is of');
    }
  });
});

describe('a pull request, from its plan to its record', () => {
  let at: JobLab;
  let number = 0;
  const said: { [what: string]: Said } = {};
  const after: { [what: string]: { plans: string[]; writes: number; outcomes: string[] } } = {};
  const comments: [plans: number, unknown[]][] = [];
  let [forked, statuses]: [Said[], unknown[]] = [[], []];

  async function done(what: string, command: string, wanted?: Parameters<JobLab['job']>[1]): Promise<void> {
    said[what] = await at.job(command, wanted);
    after[what] = { plans: await at.plans(), writes: at.writes(), outcomes: await at.outcomes() };
  }

  beforeAll(async () => {
    at = await openJobLab();
    const { lab, gitea, clock } = at;
    number = await at.heal();
    await done('planned with the write credential', 'plan', { more: { GITMEND_PVE_WRITE: 'user@pve!x=secret-value' } });
    const [pull] = gitea.world.pulls;
    if (pull !== undefined) pull.from = { fork: 'somebody' };
    const event = { event: 'pull_request', payload: pullPayload(number) };
    forked = [await at.job('plan', event), await at.job('plan', dispatched(number)), await at.job('plan')];
    if (pull !== undefined) delete pull.from;
    comments.push([(await at.plans()).length, await lab.forge.comments(number)]);
    await done('planned', 'plan', event);
    comments.push([(await at.plans()).length, await lab.forge.comments(number)]);
    statuses = await lab.forge.statuses((await lab.forge.pullRequest(number)).head);
    await done('asked for one that is gone', 'plan', dispatched(99));
    await at.merge(number);
    await done('of the pull request', 'apply', event);
    await done('without the write credential', 'apply', { more: { GITMEND_PVE_WRITE: '' } });
    lab.pve.faults.inject({ fault: 'error-500', path: /\/lxc\/200\//, count: 10_000 });
    await done('failing', 'apply --wait 1s');
    lab.pve.faults.clear();
    // A state folder that stays on the machine is not even opened: any workflow there could have written it.
    await done('applied', 'apply --wait 2s', { more: { GITMEND_STATE: '/proc/none' } });
    clock.advance(10_000);
    await done('verified', 'reconcile');
    await done('done', 'reconcile');
    const repo = await at.mirror();
    const tip = (await repo.tip(recordsRef)) ?? '';
    await repo.push([{ ref: recordsRef, from: tip, to: (await repo.parents(tip))[0] ?? null }]);
    await done('with records cut off', 'reconcile');
  }, 120_000);
  afterAll(() => at.close());

  it('is not planned where the job could see a write credential', () => {
    expect(said['planned with the write credential']?.code).toBe(1);
    expect(said['planned with the write credential']?.said).toContain('CI_WRITE_CREDENTIAL: GITMEND_PVE_WRITE is set');
    expect(said['planned with the write credential']?.said).not.toContain('secret-value');
    expect(after['planned with the write credential']?.plans).toEqual([]);
  });

  it('is not planned where the forge says that it is from a fork, whatever the payload says', () => {
    expect(forked).toHaveLength(3);
    for (const one of forked)
      expect(one).toEqual({ code: 0, said: `#${number} comes from a fork: it is not planned\n` });
    expect(comments[0]).toEqual([0, []]);
  });

  it('is planned by the job of its event, which leaves what the service would have left', () => {
    const words = `#${number} planned: postgres memory 2048 → 3072 MiB; dry run accepted\n`;
    expect(said['planned']).toEqual({ code: 0, said: words });
    expect(statuses).toMatchObject([
      { context: 'gitmend/plan', state: 'success' },
      { context: 'gitmend/policy', state: 'success' },
    ]);
    // The service's own pull request is gitmend's, so its remedy says what is verified.
    expect(comments[1]).toEqual([
      1,
      [expect.objectContaining({ author: 'gitea-actions', body: expect.stringContaining('3072') as string })],
    ]);
    expect(after['planned']?.writes).toBe(0);
  });

  it('is said to be not open where it was closed meanwhile', () => {
    expect(said['asked for one that is gone']).toEqual({ code: 0, said: '#99 is not open (any more)\n' });
  });

  it('is never applied by a job of a pull request', () => {
    expect(said['of the pull request']?.said).toContain(
      'CI_ENVIRONMENT: a job of a pull request plans, and never applies',
    );
    expect(after['of the pull request']?.writes).toBe(0);
  });

  it('is applied with the write credential, which is asked for before anything', () => {
    expect(said['without the write credential']?.code).toBe(1);
    expect(said['without the write credential']?.said).toContain('ENV_MISSING: GITMEND_PVE_WRITE is not set');
  });

  it('makes the job red where Proxmox VE fails for its guest, and the next one goes on', () => {
    expect(said['failing']?.code).toBe(1);
    expect(said['failing']?.said).toMatch(new RegExp(`^waiting: #${number}: PVE_FAILED: `, 'm'));
    expect(after['failing']).toMatchObject({ writes: 0, outcomes: ['adopted'] });
  });

  it('is applied once, verified for as long as the job is told to wait, and the next job goes on from nothing', async () => {
    expect(said['applied']).toMatchObject(ok);
    expect(said['applied']?.said).toContain('write credentials: everyone who can push may also merge');
    expect(said['applied']?.said).toMatch(/^#\d+ applied: postgres memory 3072 MiB, live$/m);
    expect(said['applied']?.said).toMatch(/^verification goes on in the next reconcile, from 2026-/m);
    expect(after['applied']).toMatchObject({ outcomes: ['adopted'] });
    expect(said['verified']).toMatchObject(ok);
    expect(said['verified']?.said).toContain('verified');
    expect(after['verified']).toMatchObject({ writes: 1, outcomes: ['adopted', 'verified'] });
    expect(said['done']?.said).toContain('everything that is merged is applied');
    // Nothing is kept between jobs.
    expect((await readdir(at.lab.folder)).filter((name) => name.startsWith('gitmend-ci-'))).toEqual([]);
  });

  it('stops everything where the records no longer say what gitmend said on it', () => {
    const cut = said['with records cut off'];
    expect(cut?.code).toBe(1);
    expect(cut?.said).toMatch(
      /RECORDS_TAMPERED: #\d+ says that its run [0-9a-f]{7} ended verified, and no record does/,
    );
    expect(after['with records cut off']?.writes).toBe(1);
  });
});

describe('the jobs, where somebody who approves nothing may push', () => {
  let at: JobLab;
  let number = 0;
  const said: { [what: string]: Said } = {};
  const writes: { [what: string]: number } = {};
  const dispatches: unknown[] = [];

  async function done(what: string, run: Promise<Said>): Promise<void> {
    said[what] = await run;
    writes[what] = at.writes();
  }

  beforeAll(async () => {
    at = await openJobLab();
    const { lab, gitea, job } = at;
    number = await at.heal();
    await job('plan');
    await unplanned();
    await job('plan');
    await at.merge(number);
    const doctor = () => gitmend(['-C', lab.clone, 'doctor'], { ...lab.env.read, HOME: lab.folder }, at.clock);
    await done('doctor before', doctor());
    gitea.token('mallory');
    await done('doctor', doctor());
    await done('exposed', job('apply'));
    const more = 'accepts: [pushers-can-read-write-secret]\napprovers: [mallory, ';
    await at.push({ 'gitmend.yaml': (text) => text.replace('approvers: [', more) });
    await done('exposed by a push', job('apply'));
    gitea.world.permissions.set('mallory', 'read');
    await done('let in', job('reconcile'));
  }, 120_000);
  afterAll(() => at.close());

  /** The plan of a person's pull request is gone: gitmend's own are planned by the runner itself. */
  async function unplanned(): Promise<void> {
    const { gitea, job } = at;
    const actions = (gitea.world.actions = {
      runs: [],
      dispatched: dispatches as never[],
      workflows: ['gitmend-plan.yml'],
    });
    const [pull] = gitea.world.pulls;
    const user = pull?.user;
    if (pull !== undefined) pull.user = { ...pull.user, login: 'ana' };
    const repo = await at.mirror();
    const [[ref, from]] = [...(await repo.refs('refs/gitmend/plans'))] as [[string, string]];
    await repo.push([{ ref, from, to: null }]);
    await done('without a plan', job('reconcile'));
    Object.assign(actions, { workflows: [] });
    await done('without a plan or its workflow', job('reconcile'));
    if (pull !== undefined && user !== undefined) pull.user = user;
  }

  it('dispatch the plan of a pull request that has none, and go on where the forge does not let them', () => {
    expect(said['without a plan']?.said).toContain(`#${number} has no plan yet: gitmend-plan.yml is started`);
    const inputs = { pull_request: String(number) };
    expect(dispatches).toEqual([{ workflow: 'gitmend-plan.yml', ref: 'refs/heads/main', inputs, by: 'gitea-actions' }]);
    expect(said['without a plan or its workflow']).toMatchObject(ok);
    expect(said['without a plan or its workflow']?.said).toContain('could not be started');
  });

  it('refuse and send nothing', () => {
    expect(said['exposed']?.code).toBe(1);
    expect(said['exposed']?.said).toContain('CI_EXPOSED');
    expect(said['exposed']?.said).toContain('mallory can push a workflow that reads the write secret');
    expect(writes['exposed']).toBe(0);
  });

  it('let nobody make himself an approver, or accept the risk, by a push: the rules in force decide', () => {
    expect(said['exposed by a push']?.said).toContain('CI_EXPOSED');
    expect(writes['exposed by a push']).toBe(0);
  });

  it('are asked about by doctor in the same words', () => {
    expect(said['doctor before']?.said).toContain('everyone who can push may also merge');
    expect(said['doctor']?.code).toBe(1);
    expect(said['doctor']?.said).toContain('mallory can push a workflow that reads the write secret');
    expect(said['doctor']?.said).toContain('gitmend apply --ci refuses until you bind the secret');
  });

  it('apply it once nobody else may push, in the next reconcile, of which no event told', async () => {
    expect(said['let in']).toMatchObject(ok);
    expect(writes['let in']).toBe(1);
    expect(await at.outcomes()).toEqual(['adopted', 'verified']);
  });
});
