import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { MergeStyle } from '../../../src/forges/forge.ts';
import { openLocalForge } from '../../../src/forges/local/index.ts';
import { wanted } from '../contract/setting.ts';
import { cloneOf } from '../harness.ts';
import { inProcess } from './processes.ts';
import { clock, localForge } from './under-test.ts';
import type { Task } from './worker.ts';

/** A forge with one pull request of two commits, to be copied for every kill. */
async function prepared(): Promise<{ folder: string; number: number; head: string; onto: string }> {
  const { folder, forge, dispose } = await localForge();
  onTestFinished(dispose);
  const clone = await cloneOf(forge);
  await clone.push('fix', { 'a.txt': 'a\n' });
  const head = await clone.push('fix', { 'b.txt': 'b\n' });
  const { number } = await forge.ensurePullRequest(wanted('fix'));
  const onto = await clone.push('main', { 'elsewhere.txt': 'x\n' });
  await clone.push('story', { 'story.txt': 's\n' });
  await clone.dispose();
  forge.release();
  return { folder, number, head, onto };
}

async function copyOf(folder: string): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'gitmend-crash-'));
  onTestFinished(() => rm(copy, { recursive: true, force: true }));
  await cp(folder, copy, { recursive: true });
  return copy;
}

/** Runs it once alive to learn its points, then once per point, killed there, two at a time. */
async function killedEverywhere(
  folder: string,
  task: Task,
  check: (copy: string, point: string) => Promise<void>,
): Promise<string[]> {
  const alive = await inProcess(await copyOf(folder), 'gitmend', task);
  expect(alive).toMatchObject({ code: 0, stderr: '' });
  const points = alive.stdout.trim().split('\n');
  const queue = [...points.entries()];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, point] = next;
      const copy = await copyOf(folder);
      expect((await inProcess(copy, 'gitmend', task, index + 1)).signal).toBe('SIGKILL');
      await check(copy, `${index + 1} ${point}`);
    }
  };
  await Promise.all([worker(), worker()]);
  return points;
}

describe('killed with -9', () => {
  test.each<MergeStyle>(['merge', 'rebase'])(
    '%s: at every point of a merge the pull request and the base agree, and the next one finishes it once',
    { timeout: 120_000 },
    async (style) => {
      const { folder, number, head, onto } = await prepared();
      const outcomes = new Set<string>();
      const points = await killedEverywhere(folder, { kind: 'merge', number, head, style }, async (copy, point) => {
        const forge = await openLocalForge({ folder: copy, as: 'alice', clock });
        const clone = await cloneOf(forge);
        const found = await forge.pullRequest(number);
        const tip = await clone.tip('main');
        if (found.state === 'merged')
          expect(found, point).toMatchObject({ mergeCommit: tip, mergedBy: 'gitmend', head });
        else expect([found.state, tip], point).toEqual(['open', onto]);
        outcomes.add(found.state);
        const finished = await forge.merge(number, { style, head });
        const after = await clone.tip('main');
        expect(finished, point).toMatchObject({ state: 'merged', mergeCommit: after, head });
        if (found.state === 'merged') expect(after, point).toBe(tip);
        expect((await clone.git('rev-list', '--count', `${onto}..${await fetchedTip(clone)}`)).trim(), point).toBe(
          style === 'merge' ? '3' : '2',
        );
        forge.release();
        await clone.dispose();
      });
      expect(outcomes).toEqual(new Set(['open', 'merged']));
      expect(points).toContain('git update-ref -m');
    },
  );

  test('at every point of the other intents, doing them again ends the same', { timeout: 120_000 }, async () => {
    const { folder } = await prepared();
    const probe = await openLocalForge({ folder, as: 'probe', clock });
    const clone = await cloneOf(probe);
    const head = await clone.tip('story');
    await clone.dispose();
    probe.release();
    await killedEverywhere(folder, { kind: 'story', branch: 'story', head }, async (copy, point) => {
      const again = await openLocalForge({ folder: copy, as: 'gitmend', clock });
      const closed = (await again.pullRequests({ state: 'closed', branch: 'story' })).length;
      if (closed === 0)
        expect((await inProcess(copy, 'gitmend', { kind: 'story', branch: 'story', head })).stderr).toBe('');
      const found = await again.pullRequests({ state: 'all', branch: 'story' });
      expect(
        found.map((pull) => [pull.state, pull.title]),
        point,
      ).toEqual([['closed', 'fix it']]);
      const bodies = (await again.comments(found[0]?.number ?? 0)).map((comment) => comment.body);
      expect(bodies, point).toEqual(['<!-- gitmend:plan -->\nPlan 2', 'The fault is gone.']);
      expect(await again.statuses(head), point).toHaveLength(1);
      again.release();
    });
  });
});

async function fetchedTip(clone: Awaited<ReturnType<typeof cloneOf>>): Promise<string> {
  const tip = await clone.tip('main');
  await clone.parents(tip);
  return tip;
}
