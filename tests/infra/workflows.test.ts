import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type CiHappening, type CiPlace, runWorkflows } from '../../demo/ci-runner.ts';
import { pullRequestEvent } from '../../demo/ci-bot.ts';
import { interpolate } from '../../demo/ci-expression.ts';
import { readCiJob } from '../../src/ci/environment.ts';
import { workflows as names } from '../../src/ci/job.ts';
import { newTree } from '../../src/init/tree.ts';
import { readTreeFromDisk } from '../../src/check/index.ts';

interface Step {
  name?: string;
  run?: string;
  uses?: string;
  with?: { [name: string]: unknown };
  env?: { [name: string]: string };
}
interface Job {
  if?: string;
  needs?: string;
  'runs-on': unknown;
  'timeout-minutes'?: number;
  environment?: string;
  permissions?: { [scope: string]: string };
  env?: { [name: string]: string };
  steps: Step[];
}
interface Workflow {
  name: string;
  on: { [event: string]: unknown };
  permissions?: object;
  concurrency?: { group: string; 'cancel-in-progress': boolean };
  env?: { [name: string]: string };
  jobs: { [name: string]: Job };
}

const root = join(import.meta.dirname, '../..');
const folderOf = { github: 'infra/.github/workflows', gitea: 'infra/.gitea/workflows' } as const;
const textsOf = (forge: keyof typeof folderOf) =>
  new Map(
    readdirSync(join(root, folderOf[forge]))
      .filter((file) => file.endsWith('.yml'))
      .map((file) => [file, readFileSync(join(root, folderOf[forge], file), 'utf8')] as const),
  );
const all = (['github', 'gitea'] as const).flatMap((forge) =>
  [...textsOf(forge)].map(([file, text]) => ({ forge, file, text, workflow: parse(text) as Workflow })),
);

// What a workflow and its jobs may say: what both forges document and these need (docs.github.com, Workflow syntax).
const known = {
  workflow: ['name', 'on', 'permissions', 'concurrency', 'jobs'],
  job: ['if', 'needs', 'runs-on', 'timeout-minutes', 'environment', 'permissions', 'steps'],
  step: ['name', 'run', 'uses', 'with', 'env'],
  events: ['pull_request', 'push', 'workflow_dispatch', 'schedule'],
};

describe('the workflows of the template', () => {
  it('are the same four on both forges, and those that jobs start', () => {
    const files = ['gitmend-apply.yml', 'gitmend-drift.yml', 'gitmend-plan.yml', 'gitmend-reconcile.yml'];
    for (const forge of ['github', 'gitea'] as const) expect([...textsOf(forge).keys()].toSorted()).toEqual(files);
    expect(files).toEqual(expect.arrayContaining(Object.values(names)));
  });

  it.each(all)('$forge $file says only what a workflow can say', ({ workflow }) => {
    const jobs = Object.values(workflow.jobs);
    expect(known.workflow).toEqual(expect.arrayContaining(Object.keys(workflow)));
    expect(known.events).toEqual(expect.arrayContaining(Object.keys(workflow.on)));
    for (const job of jobs) expect(known.job).toEqual(expect.arrayContaining(Object.keys(job)));
    for (const step of jobs.flatMap(({ steps }) => steps))
      expect(known.step).toEqual(expect.arrayContaining(Object.keys(step)));
  });

  it.each(all)('$forge $file runs one command of gitmend in each job, without text from outside in it', ({ file, workflow }) => {
    const jobs = Object.entries(workflow.jobs);
    expect(jobs.map(([name]) => name)).toEqual(file === 'gitmend-plan.yml' ? ['synth', 'plan'] : [expect.any(String)]);
    for (const [, { steps }] of jobs) {
      const [command, ...more] = steps.flatMap(({ run }) => run ?? []);
      expect(more).toEqual([]);
      expect(command).toMatch(
        /^gitmend (synth --ci --out synthesized\.json|plan --ci --synthesized synthesized\.json|(drift|apply|reconcile) --ci( --wait \d+m)?)$/,
      );
    }
  });

  it.each(all)('$forge $file uses an action only to hand the synthesized stacks over, pinned by its commit', ({ file, text, workflow }) => {
    const uses = Object.values(workflow.jobs).flatMap(({ steps }) => steps.flatMap((step) => step.uses ?? []));
    const names = uses.map((one) => /^actions\/([a-z-]+)@[0-9a-f]{40}$/.exec(one)?.[1]);
    expect(names).toEqual(
      file === 'gitmend-plan.yml' ? ['checkout', 'upload-artifact', 'download-artifact'] : [],
    );
    // Which version that is stands behind it, for whoever updates it.
    for (const one of uses) expect(text).toMatch(new RegExp(`${one} # v\\d+\\.\\d+\\.\\d+`));
  });

  it.each(all.filter(({ file }) => file === 'gitmend-plan.yml'))('$forge: code of a pull request runs in a job that holds nothing', ({ forge, text, workflow }) => {
    const { synth, plan } = workflow.jobs;
    expect(JSON.stringify(synth)).not.toMatch(/secrets|token|GITMEND_(PVE|GITEA|BOT)/);
    expect(synth?.steps.map(({ env }) => env)).toEqual([undefined, undefined, undefined]);
    expect(synth?.permissions).toEqual(forge === 'github' ? { contents: 'read' } : undefined);
    expect(synth?.steps[0]?.with).toMatchObject({ 'persist-credentials': false, 'fetch-depth': 0 });
    // Neither is started for a fork, and the one that holds something has no checkout.
    expect(synth?.if).toBe(plan?.if);
    expect(plan?.needs).toBe('synth');
    expect(text.slice(text.indexOf('  plan:'))).not.toContain('actions/checkout');
  });

  it.each(all)('$forge $file is short, begins without permissions, and is cut off by nobody', ({ forge, workflow, file }) => {
    expect(workflow.permissions).toEqual({});
    for (const job of Object.values(workflow.jobs)) expect(job['timeout-minutes']).toBeLessThanOrEqual(60);
    if (forge !== 'github') return;
    expect(workflow.concurrency?.['cancel-in-progress'] ?? false).toBe(false);
    if (file !== 'gitmend-plan.yml') expect(workflow.concurrency).toBeDefined();
  });

  it.each(all.filter(({ forge }) => forge === 'github'))('$forge $file asks for no more than gitmend writes', ({ file, workflow }) => {
    for (const [name, { permissions }] of Object.entries(workflow.jobs))
      if (name !== 'synth') expect(permissions).toEqual({
        contents: 'write',
        'pull-requests': 'write',
        // Labels are made by what opens pull requests.
        ...(file === 'gitmend-plan.yml' ? {} : { issues: 'write' }),
        statuses: 'write',
        checks: 'read',
        actions: 'write',
      });
  });

  it.each(all)('$forge $file holds the credentials of its role and no other', ({ forge, file, workflow }) => {
    const job = Object.values(workflow.jobs).at(-1);
    const reads = ['gitmend-plan.yml', 'gitmend-drift.yml'].includes(file);
    const secret = reads ? 'GITMEND_PVE_READ' : 'GITMEND_PVE_WRITE';
    const state = reads ? 'GITMEND_TFSTATE_READ' : 'GITMEND_TFSTATE_WRITE';
    expect(job?.steps.at(-1)?.env).toEqual({
      GITHUB_TOKEN: '${{ github.token }}',
      GITMEND_BOT: '${{ vars.GITMEND_BOT }}',
      // By a job's own token Gitea opens no pull request, and one account edits its own comments alone.
      ...(forge === 'gitea' ? { GITMEND_GITEA_TOKEN: '${{ secrets.GITMEND_GITEA_TOKEN }}' } : {}),
      [secret]: `\${{ secrets.${secret} }}`,
      // Drift is asked of Proxmox VE alone; who plans reads Terraform's state, and who applies writes it.
      ...(file === 'gitmend-drift.yml' ? {} : { [state]: `\${{ secrets.${state} }}` }),
      // Who plans logs in with a key of its own; who looks for drift asks no host.
      ...(file === 'gitmend-drift.yml' ? {} : { GITMEND_SSH_KEY: `\${{ secrets.GITMEND_SSH_KEY${reads ? '_PLAN' : ''} }}` }),
    });
    // The write credential is a secret of an environment that only the default branch gets.
    expect(job?.environment).toBe(forge === 'github' && secret === 'GITMEND_PVE_WRITE' ? 'gitmend' : undefined);
    expect(file === 'gitmend-plan.yml' || !('pull_request' in workflow.on)).toBe(true);
  });
});

describe('the runner that sees the write credential', () => {
  const labels = ({ workflow }: (typeof all)[number], vars: { [name: string]: string }) => {
    const on = Object.values(workflow.jobs).flatMap((job) => job['runs-on'] as string | string[]);
    return on.map((label) => interpolate(label, { vars }));
  };

  it.each(all)('is one of its own, unless one variable names another: $forge $file', (one) => {
    const self = one.forge === 'github' ? ['self-hosted'] : [];
    const named = { GITMEND_APPLY_RUNNER: 'vault' };
    const holds = one.text.includes('secrets.GITMEND_PVE_WRITE');
    const synth = (label: string) => (one.file === 'gitmend-plan.yml' ? [...self, label] : []);
    expect(labels(one, {})).toEqual([...synth('gitmend'), ...self, holds ? 'gitmend-apply' : 'gitmend']);
    expect(labels(one, named)).toEqual([...synth('gitmend'), ...self, holds ? 'vault' : 'gitmend']);
    expect(labels(one, { GITMEND_SYNTH_RUNNER: 'cell' })).toEqual([...synth('cell'), ...self, holds ? 'gitmend-apply' : 'gitmend']);
    expect(holds).toBe(!['gitmend-plan.yml', 'gitmend-drift.yml'].includes(one.file));
    if (holds) expect(one.text).toMatch(/# .* GITMEND_APPLY_RUNNER of the repository/);
  });

  it.each(all)('is in what gitmend init writes where jobs are the runner, and in the page that says how: $forge $file', ({ forge, file, text }) => {
    const template = {
      infra: readTreeFromDisk(join(root, 'infra')),
      policies: new Map([['guests.yaml', 'version: 1\nrules:\n  - name: a\n']]),
    };
    const cluster = { name: 'home', endpoint: 'https://pve1.home.lan:8006', exporters: [] };
    const on = { kind: forge, repository: 'ops/homelab' };
    const answers = { cluster, people: ['ann'], forge: on, runner: 'ci' as const };
    expect(newTree(template, answers, []).get(`.${forge}/workflows/${file}`)).toBe(text);
    const page = readFileSync(join(root, 'docs/ci.md'), 'utf8');
    expect(page).toContain('one with `gitmend-apply`, for `apply` and `reconcile`');
    expect(page).toContain('The variable `GITMEND_APPLY_RUNNER`');
  });
});

let folder = '';
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'gitmend-workflows-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Which steps an event starts, and what gitmend reads from the environment of each. */
async function started(forge: 'github' | 'gitea', event: CiHappening) {
  const place: CiPlace = {
    forge,
    url: forge === 'github' ? 'https://github.com' : 'https://git.home.lan',
    repository: 'ops/homelab',
    token: 'the-token',
    secrets: { GITMEND_PVE_READ: 'the-read-token', GITMEND_PVE_WRITE: 'the-write-token' },
    vars: { GITMEND_BOT: 'robot' },
    folder,
    workflows: async () => textsOf(forge),
    begin: () => ({ id: 41, attempt: 1, end: () => undefined }),
  };
  const steps: { script: string; env: { [name: string]: string } }[] = [];
  await runWorkflows(place, event, async (script, env) => {
    steps.push({ script, env });
    if (script.startsWith('gitmend synth')) writeFileSync(join(env['RUNNER_TEMP'] ?? '', 'synthesized.json'), '{}');
    return { code: 0, said: '' };
  });
  return steps;
}

const pr = { number: 7, branch: 'b', base: 'main', head: 'h', fork: false };
const main = { ref: 'refs/heads/main', sha: 'h', payload: {} };

describe.each(['github', 'gitea'] as const)('on %s', (forge) => {
  it('a pull request is planned with the read credential alone', async () => {
    const steps = await started(forge, pullRequestEvent(pr, 'ops/homelab'));
    const [synth, plan] = steps;
    expect(steps.map(({ script }) => script)).toEqual([
      'gitmend synth --ci --out synthesized.json',
      'gitmend plan --ci --synthesized synthesized.json',
    ]);
    expect(JSON.stringify(synth?.env)).not.toMatch(/the-(token|read-token|write-token)/);
    const env = plan?.env ?? {};
    expect(readFileSync(join(env['RUNNER_TEMP'] ?? '', 'synthesized.json'), 'utf8')).toBe('{}');
    expect(env['RUNNER_TEMP']).not.toBe(synth?.env['RUNNER_TEMP']);
    expect(env).toMatchObject({ GITHUB_TOKEN: 'the-token', GITMEND_BOT: 'robot', GITMEND_PVE_READ: 'the-read-token' });
    expect(JSON.stringify(env)).not.toContain('the-write-token');
    const payload = readFileSync(env['GITHUB_EVENT_PATH'] ?? '', 'utf8');
    expect(readCiJob({ env, payload })).toMatchObject({
      ok: true,
      job: { forge, run: '41', event: { kind: 'pull-request', number: 7, fork: false } },
    });
  });

  it('a pull request from a fork starts no step', async () => {
    expect(await started(forge, pullRequestEvent({ ...pr, fork: true }, 'ops/homelab'))).toEqual([]);
  });

  it('a push is applied on the default branch alone', async () => {
    const steps = await started(forge, { name: 'push', ...main });
    expect(steps.map(({ script }) => script)).toEqual(['gitmend apply --ci --wait 15m']);
    expect(steps[0]?.env).toMatchObject({ GITMEND_PVE_WRITE: 'the-write-token' });
    expect(steps[0]?.env).not.toHaveProperty('GITMEND_PVE_READ');
    expect(await started(forge, { name: 'push', ...main, ref: 'refs/heads/other' })).toEqual([]);
  });

  it('the schedule plans, reconciles and looks for drift, each with its own credentials', async () => {
    const steps = await started(forge, { name: 'schedule', ...main });
    expect(steps.map(({ script }) => script)).toEqual([
      'gitmend drift --ci',
      'gitmend synth --ci --out synthesized.json',
      'gitmend plan --ci --synthesized synthesized.json',
      'gitmend reconcile --ci --wait 5m',
    ]);
  });
});

describe('the reusable action', () => {
  const action = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as {
    inputs: object;
    runs: { using: string; steps: (Step & { shell?: string })[] };
  };

  it('puts its input into an environment variable and never into a script', () => {
    expect(action.runs.using).toBe('composite');
    for (const { run, uses, shell } of action.runs.steps) {
      expect(uses).toBeUndefined();
      expect(shell).toBe('bash');
      expect(run).not.toContain('${{');
    }
  });

  it('takes every command that the templates run', () => {
    const taken = /case "\$GITMEND_COMMAND" in(.*)esac/s.exec(action.runs.steps.at(-1)?.run ?? '')?.[1] ?? '';
    const asked = all.flatMap(({ text }) => [...text.matchAll(/gitmend (\w+) --ci/g)].map(([, verb = '']) => verb));
    expect(new Set(asked)).toEqual(new Set(['synth', 'plan', 'apply', 'reconcile', 'drift']));
    for (const verb of asked) expect(taken).toMatch(new RegExp(`(^|[ |])${verb}( \\||\\))`, 'm'));
  });
});
