import { describe, expect, it } from 'vitest';
import { readCiJob } from '../../src/ci/environment.ts';
import type { CiEvent } from '../../src/ci/job.ts';

const gitea = {
  GITHUB_ACTIONS: 'true',
  GITEA_ACTIONS: 'true',
  GITHUB_SERVER_URL: 'https://git.home.lan/',
  GITHUB_API_URL: 'https://git.home.lan/api/v1',
  GITHUB_REPOSITORY: 'ops/homelab',
  GITHUB_RUN_ID: '41',
  GITHUB_RUN_ATTEMPT: '2',
  GITHUB_EVENT_NAME: 'schedule',
  GITHUB_REF: 'refs/heads/main',
};
const github = {
  ...gitea,
  GITEA_ACTIONS: undefined,
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_API_URL: 'https://api.github.com',
};

describe('the environment of a job', () => {
  it('is read on Gitea', () => {
    expect(readCiJob({ env: gitea, payload: '{}' })).toEqual({
      ok: true,
      job: {
        forge: 'gitea',
        server: 'https://git.home.lan',
        repository: 'ops/homelab',
        run: '41',
        attempt: 1,
        event: { kind: 'schedule' },
      },
    });
  });

  it('is read on GitHub, and on a GitHub Enterprise Server', () => {
    expect(readCiJob({ env: github, payload: '{}' })).toMatchObject({ ok: true, job: { forge: 'github', attempt: 2 } });
    const own = { ...github, GITHUB_SERVER_URL: 'https://ghe.lan', GITHUB_API_URL: 'https://ghe.lan/api/v3' };
    expect(readCiJob({ env: own, payload: '{}' })).toMatchObject({ ok: true, job: { server: 'https://ghe.lan' } });
  });

  it('holds where the summary and temporary files go, if anywhere', () => {
    const env = { ...gitea, GITHUB_STEP_SUMMARY: '/run/summary', RUNNER_TEMP: '/run/tmp' };
    expect(readCiJob({ env, payload: '{}' })).toMatchObject({
      job: { summary: '/run/summary', temporary: '/run/tmp' },
    });
    const empty = { ...gitea, GITHUB_STEP_SUMMARY: '' };
    expect(readCiJob({ env: empty, payload: '{}' })).not.toHaveProperty('job.summary');
  });

  it.each(['', undefined])('is its first attempt where the runner says none (%j)', (GITHUB_RUN_ATTEMPT) => {
    expect(readCiJob({ env: { ...github, GITHUB_RUN_ATTEMPT }, payload: '{}' })).toMatchObject({ job: { attempt: 1 } });
  });

  it('is no attempt that cannot be read', () => {
    const problems = ['GITHUB_RUN_ATTEMPT is not the number of an attempt'];
    expect(readCiJob({ env: { ...github, GITHUB_RUN_ATTEMPT: 'two' }, payload: '{}' })).toEqual({
      ok: false,
      problems,
    });
  });

  it('does not need the workflow’s name or a commit, which are not the same on both forges', () => {
    const env = { ...gitea, GITHUB_WORKFLOW: 'anything', GITHUB_SHA: 'whatever' };
    expect(readCiJob({ env, payload: '{}' })).toEqual(readCiJob({ env: gitea, payload: '{}' }));
  });

  it('says everything that is wrong at once, and repeats no value', () => {
    const env = {
      ...gitea,
      GITHUB_ACTIONS: 'yes',
      GITHUB_REPOSITORY: 'hunter2',
      GITHUB_RUN_ID: 'x',
      GITHUB_SERVER_URL: '',
    };
    const read = readCiJob({ env, payload: '{}' });
    expect(read).toEqual({
      ok: false,
      problems: [
        'GITHUB_ACTIONS is not “true”, as it is in a job of Actions',
        'GITHUB_SERVER_URL is not set (the address of the forge)',
        'GITHUB_REPOSITORY is not owner/name',
        'GITHUB_RUN_ID is not the number of a run',
      ],
    });
    expect(JSON.stringify(read)).not.toContain('hunter2');
  });

  it.each([
    ['GITEA_ACTIONS says Gitea, and GITHUB_API_URL does not end with /api/v1', { ...github, GITEA_ACTIONS: 'true' }],
    [
      'GITHUB_API_URL ends with /api/v1, as on Gitea, and GITEA_ACTIONS is not set',
      { ...gitea, GITEA_ACTIONS: undefined },
    ],
  ])('contradicts itself: %s', (problem, env) => {
    expect(readCiJob({ env, payload: '{}' })).toEqual({ ok: false, problems: [problem] });
  });

  it.each(['https://user@git.home.lan', 'file:///etc', 'git.home.lan', 'https://git.home.lan?x=1'])(
    'is not believed where the server is %s',
    (GITHUB_SERVER_URL) => {
      expect(readCiJob({ env: { ...gitea, GITHUB_SERVER_URL }, payload: '{}' }).ok).toBe(false);
    },
  );
});

describe('what a job was started for', () => {
  const pull = (head: unknown, base: unknown = { id: 1 }) => ({
    pull_request: { number: 7, head: { repo: head }, base: { repo: base } },
  });
  const event = (name: string, payload: unknown, more: object = {}) =>
    readCiJob({ env: { ...gitea, GITHUB_EVENT_NAME: name, ...more }, payload: JSON.stringify(payload) });

  it.each<[string, string, unknown, CiEvent]>([
    ['a pull request', 'pull_request', pull({ id: 1 }), { kind: 'pull-request', number: 7, fork: false }],
    ['one from a fork', 'pull_request', pull({ id: 2 }), { kind: 'pull-request', number: 7, fork: true }],
    ['one whose fork is gone', 'pull_request', pull(null), { kind: 'pull-request', number: 7, fork: true }],
    ['a push', 'push', {}, { kind: 'push', ref: 'refs/heads/main' }],
    ['a dispatch for all', 'workflow_dispatch', {}, { kind: 'dispatch', anew: false }],
    [
      'a dispatch with empty inputs',
      'workflow_dispatch',
      { inputs: { pull_request: '' } },
      { kind: 'dispatch', anew: false },
    ],
    [
      'a dispatch for one, anew',
      'workflow_dispatch',
      { inputs: { pull_request: '12', anew: 'true' } },
      { kind: 'dispatch', pullRequest: 12, anew: true },
    ],
    [
      'a dispatch with typed inputs',
      'workflow_dispatch',
      { inputs: { pull_request: 12, anew: false } },
      { kind: 'dispatch', pullRequest: 12, anew: false },
    ],
    ['a schedule', 'schedule', null, { kind: 'schedule' }],
  ])('is %s', (_title, name, payload, expected) => {
    expect(event(name, payload)).toMatchObject({ ok: true, job: { event: expected } });
  });

  it.each([
    ['pull_request', {}, 'the file of GITHUB_EVENT_PATH describes no pull request'],
    ['pull_request', pull({ id: 'x' }), 'the file of GITHUB_EVENT_PATH describes no pull request'],
    [
      'workflow_dispatch',
      { inputs: { pull_request: '7; rm -rf /' } },
      'the input pull_request is not the number of a pull request',
    ],
    [
      'workflow_dispatch',
      { inputs: { pull_request: ['7'] } },
      'the input pull_request is not the number of a pull request',
    ],
    [
      'pull_request_target',
      {},
      'gitmend does nothing on pull_request_target: pull_request, push, workflow_dispatch and schedule it knows',
    ],
  ])('%s with %j is refused', (name, payload, problem) => {
    expect(event(name, payload)).toEqual({ ok: false, problems: [problem] });
  });

  it('is refused where its file cannot be read', () => {
    const env = { ...gitea, GITHUB_EVENT_NAME: 'pull_request' };
    expect(readCiJob({ env, payload: undefined }).ok).toBe(false);
  });
});
