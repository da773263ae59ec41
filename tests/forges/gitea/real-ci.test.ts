import { rm } from 'node:fs/promises';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { ask } from '../../../demo/gitea-home.ts';
import { openWithRealCi } from '../../../demo/real-ci.ts';
import { memory } from '../../../demo/scenarios/memory.ts';
import { pushEdit, type Stage, StoryError } from '../../../demo/story.ts';
import { memoryShort } from '../../../simulators/pve/index.ts';
import { systemClock } from '../../../src/cli/clock.ts';
import { gitIn } from '../../../src/git/git.ts';
import { byAction } from '../../support/ci-action.ts';
import { realGitea, removeAtEnd, removeRepositories } from './real.ts';

const real = realGitea();
/** A runner of that server with the label `gitmend`, in whose jobs `gitmend` is this one, and this machine's loopback is reached. */
const runner = process.env['GITMEND_TEST_GITEA_RUNNER'] === '1';

/** This repository on that server, at a commit: `owner/gitmend@…`. Then jobs install it themselves, as docs/ci.md says. */
const action = process.env['GITMEND_TEST_GITEA_ACTION'];
const names = ['plan', 'apply', 'reconcile', 'drift'].map((name) => `.gitea/workflows/gitmend-${name}.yml`);

afterAll(removeRepositories, 120_000);

describe.skipIf(real === undefined || !runner)('CI as the runner, on a real Gitea with its real runner', () => {
  const how = action === undefined ? 'of the template' : 'of the template, with the reusable action in their steps';
  test(`plans, applies, verifies and records by the workflows ${how}`, { timeout: 600_000 }, async () => {
    if (real === undefined) return;
    const said: string[] = [];
    const say = (line: string) => void said.push(line);
    const options = { clock: systemClock, trouble: memoryShort };
    const { lab, bot, repository } = await openWithRealCi(options, real, say);
    removeAtEnd(real, repository);
    onTestFinished(async () => {
      await lab.close();
      await rm(lab.folder, { recursive: true, force: true });
    });
    const another: Stage['another'] = () => Promise.reject(new StoryError('this story has one lab'));
    const stage: Stage = { lab, bot, say, another };
    if (action !== undefined) {
      const edits = names.map((name) => [name, (text: string) => byAction(text, action)] as const);
      await pushEdit(stage, 'main', Object.fromEntries(edits), 'the workflows use the action');
    }
    expect(await memory.play(stage), said.join('\n')).toBe('verified');
    const jobs = said.filter((line) => line.startsWith('job ')).map((line) => line.replace(/ {3}\S+$/, ''));
    expect(jobs).toEqual([
      'job gitmend-plan.yml (pull_request): success',
      'job gitmend-apply.yml (push): success',
      'job gitmend-reconcile.yml (workflow_dispatch): success',
    ]);
    // All that gitmend says comes from its one account, as which jobs may open pull requests, and nothing stays behind.
    const comments = await lab.forge.comments(1);
    const { login } = (await ask(real.url, real.botToken, 'GET', 'user')) as { login: string };
    expect([...new Set(comments.map(({ author }) => author))]).toEqual([login]);
    const { stdout } = await gitIn(lab.clone)(['ls-remote', 'origin', 'refs/gitmend/locks/*', 'refs/gitmend/runs/*'], {
      env: { ...lab.forge.gitEnv },
    });
    expect(stdout).toBe('');
  });
});
