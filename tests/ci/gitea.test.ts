import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Gitea, startGitea } from '../../simulators/gitea/index.ts';
import { actionsOf, beginRun, endRun } from '../../simulators/gitea/routes/actions.ts';
import type { ForgeCi } from '../../src/forges/forge.ts';
import { openGiteaForge } from '../../src/forges/gitea/index.ts';
import { faultsOf } from '../forges/gitea/described.ts';
import { type TestClock, testClock } from '../support/test-clock.ts';

let [gitea, clock, ci]: [Gitea, TestClock, ForgeCi | undefined] = [] as never;

beforeEach(async () => {
  clock = testClock();
  gitea = await startGitea({ clock, files: new Map([['README.md', 'hello\n']]) });
  const token = gitea.token('gitea-actions');
  ({ ci } = await openGiteaForge({ url: gitea.url, repository: gitea.repository, token, clock }));
});

afterEach(async () => {
  const faults = gitea.requests.flatMap(faultsOf);
  await gitea.close();
  expect(faults).toEqual([]);
});

describe('Gitea Actions', () => {
  it('starts a workflow of the default branch with its inputs, once', async () => {
    actionsOf(gitea.world).workflows = ['gitmend-plan.yml'];
    await ci?.dispatch('gitmend-plan.yml', { pull_request: '7', anew: 'true' });
    expect(actionsOf(gitea.world).dispatched).toEqual([
      {
        workflow: 'gitmend-plan.yml',
        ref: 'refs/heads/main',
        inputs: { pull_request: '7', anew: 'true' },
        by: 'gitea-actions',
      },
    ]);
  });

  it('refuses a workflow that is not there, and a name that is no file', async () => {
    await expect(ci?.dispatch('gitmend-plan.yml', {})).rejects.toMatchObject({ code: 'FORGE_REFUSED' });
    await expect(ci?.dispatch('../../user/keys', {})).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(gitea.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  it('does not ask twice where nobody knows whether a dispatch was taken', async () => {
    actionsOf(gitea.world).workflows = ['gitmend-plan.yml'];
    gitea.faults.inject({ fault: 'reset', after: true, method: 'POST', path: /dispatches$/ });
    await expect(ci?.dispatch('gitmend-plan.yml', {})).rejects.toMatchObject({ code: 'FORGE_FAILED' });
    expect(actionsOf(gitea.world).dispatched).toHaveLength(1);
  });

  it('says of a run whether it has ended, and nothing of one that it does not know', async () => {
    const run = beginRun(gitea.world, 'gitmend-apply.yml', 'push', clock.now());
    expect(await ci?.ended(String(run.id))).toBe(false);
    endRun(run, 'failure', clock.now());
    expect(await ci?.ended(String(run.id))).toBe(true);
    expect(await ci?.ended('999999')).toBeUndefined();
    const asked = gitea.requests.length;
    expect(await ci?.ended('../../../user')).toBeUndefined();
    expect(gitea.requests.length).toBe(asked);
  });

  it('believes that a cancelled run has ended only once its runner must have heard of it', async () => {
    const run = beginRun(gitea.world, 'gitmend-apply.yml', 'push', clock.now());
    endRun(run, 'cancelled', clock.now());
    expect(await ci?.ended(String(run.id))).toBe(false);
    clock.advance(2 * 60_000 - 1000);
    expect(await ci?.ended(String(run.id))).toBe(false);
    clock.advance(1000);
    expect(await ci?.ended(String(run.id))).toBe(true);
  });

  it('does not believe it of one of which the forge does not say when it was cancelled', async () => {
    const run = beginRun(gitea.world, 'gitmend-apply.yml', 'push', clock.now());
    Object.assign(run, { status: 'completed', conclusion: 'cancelled' });
    expect(await ci?.ended(String(run.id))).toBe(false);
  });

  it('tells who may push, and that no secret is bound to a branch', async () => {
    gitea.token('ana');
    gitea.token('reader');
    gitea.world.permissions.set('reader', 'read');
    expect(await ci?.exposure?.()).toEqual({ pushers: ['gitea-actions', 'ana'], bound: false });
  });

  it('does not know who may push where it is not told', async () => {
    gitea.faults.inject({ fault: 'status', status: 403, path: /assignees$/ });
    expect(await ci?.exposure?.()).toEqual({ pushers: undefined, bound: false });
    // The description knows no such answer; a proxy before it does.
    gitea.requests.pop();
  });
});
