import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { giteaActions, type Task } from '../../demo/gitea-actions.ts';
import { testClock } from '../support/test-clock.ts';

const commit = 'a'.repeat(40);

function task(id: number, name: string, status: string, more: Partial<Task> = {}): Task {
  const workflow_id = 'gitmend-plan.yml';
  return { id, name, workflow_id, event: 'pull_request', head_sha: commit, status, url: `/runs/${id}`, ...more };
}

/** A server that tells these tasks, one list at each look and the last one from then on. */
async function actionsOf(...looks: Task[][]) {
  let asked = 0;
  const server = createServer(({ method }, response) => {
    if (method === 'POST') return response.writeHead(204).end();
    const runs = looks[Math.min(asked, looks.length - 1)];
    asked += 1;
    return response.end(JSON.stringify({ workflow_runs: runs }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return giteaActions({ url, token: 't', botToken: 'b' }, 'ops/homelab', testClock());
}

it('a plan has ended when its job has, not when the job before it has', async () => {
  const synth = task(1, 'synth', 'success');
  const actions = await actionsOf([synth], [synth, task(2, 'plan', 'running')], [synth, task(2, 'plan', 'success')]);
  expect(await actions.ended('gitmend-plan.yml', 'pull_request', commit)).toMatchObject({ id: 2, status: 'success' });
});

it('a plan whose synthesis failed has ended as skipped', async () => {
  const actions = await actionsOf([task(1, 'synth', 'failure')], [task(2, 'plan', 'skipped')]);
  expect(await actions.ended('gitmend-plan.yml', 'pull_request', commit)).toMatchObject({ id: 2, status: 'skipped' });
});

it('of a dispatch the new job counts, and not one that was there', async () => {
  const more = { event: 'workflow_dispatch' };
  const old = task(2, 'plan', 'success', more);
  const actions = await actionsOf([old], [old, task(3, 'synth', 'success', more)], [task(4, 'plan', 'failure', more)]);
  expect(await actions.dispatched('gitmend-plan.yml')).toMatchObject({ id: 4, status: 'failure' });
});

it('says that no runner took it up, and that it has not ended', async () => {
  const nobody = await actionsOf([]);
  await expect(nobody.ended('gitmend-apply.yml', 'push', commit)).rejects.toThrow(
    'no runner took up gitmend-apply.yml',
  );
  const slow = await actionsOf([task(2, 'plan', 'running')]);
  await expect(slow.ended('gitmend-plan.yml', 'pull_request', commit)).rejects.toThrow('has not ended: /runs/2');
});
