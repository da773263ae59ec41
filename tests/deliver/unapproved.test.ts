import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { preStateOf } from '../../src/declarations/guest/index.ts';
import { printOperation } from '../../src/declarations/operation/index.ts';
import { readLive } from '../../src/deliver/truth.ts';
import type { PullRequest } from '../../src/forges/forge.ts';
import { cli, type Said } from '../support/deliver-cli.ts';
import { type DeliverLab, deliverLab, set, shortWindow } from '../support/deliver-lab.ts';

const web = `name: web
cluster: home
node: pve1
vmid: 205
type: lxc
cores: 1
memory: 512
swap: 0
disk: { storage: local-lvm, size: 8 }
network: { bridge: vmbr0 }
`;

describe('what reaches the default branch by a direct push', () => {
  let lab: DeliverLab;
  let carried: number;
  let stale: number;
  let status: Said;
  let ways: Map<string, PullRequest>[];
  let removing: string;
  let theirs: string;

  const openWays = async () => {
    const all = await lab.lab.forge.pullRequests({ state: 'open' });
    const own = all.filter(({ branch }) => branch.startsWith('gitmend/'));
    return new Map(own.map((pr) => [pr.branch.replace(/^gitmend\/([\w-]+)\/([a-z]+)-.*$/, '$1 $2'), pr]));
  };
  const numbers = (some: Map<string, PullRequest> | undefined) =>
    Object.fromEntries([...(some ?? [])].map(([way, { number }]) => [way, number]));

  beforeAll(async () => {
    lab = await deliverLab({ begin: shortWindow });
    // Long ago a run on postgres was stopped, and the stop was settled.
    stale = await lab.propose('old', { 'guests/postgres.yaml': set('memory', 3072) });
    await lab.plan();
    lab.clock.advance(120_000);
    lab.setLive(200, { memory: 2304 });
    await lab.merge(stale);
    await lab.run();
    const accept = (await openWays()).get('accept postgres')?.number ?? 0;
    await lab.plan(accept);
    lab.clock.advance(120_000);
    await lab.merge(accept);
    await lab.run();
    await pushDirectly();
    // A person's pull request for another field of one of those guests.
    carried = await lab.propose('more', { 'guests/nextcloud.yaml': set('memory', 5120) });
    const withdrawn = await lab.propose('no-web', { 'guests/web.yaml': null });
    await lab.plan();
    removing = (await lab.comments(withdrawn)).at(-1)?.body ?? '';
    lab.clock.advance(120_000);
    await lab.merge(carried);
    await lab.run();
    ways = [await openWays()];
    const { clone: directory, env } = lab.lab;
    status = await cli({ directory, clock: lab.clock, env: { ...env.read, HOME: lab.lab.folder } }, 'status');
    // Proxmox does not answer for a while.
    lab.lab.pve.faults.inject({ fault: 'error-596', count: 10_000 });
    await lab.run();
    ways.push(await openWays());
    lab.lab.pve.faults.clear();
    await lab.run();
    ways.push(await openWays());
    // A person goes on from what gitmend offered; then something else is pushed, which would offer something else.
    theirs = (await openWays()).get('undo frigate')?.branch ?? '';
    await lab.push(theirs, { 'guests/frigate.yaml': (text) => `${text}# mine\n` }, 'a word of my own');
    await lab.push('main', { 'guests/frigate.yaml': set('memory', 9216) });
    await lab.run();
  }, 180_000);
  afterAll(async () => expect(await lab.close()).toEqual([]));

  async function pushDirectly(): Promise<void> {
    const live = await readLive(lab.read.engines(await lab.read.declaredAt(await head())), postgres);
    if (live === undefined) throw new Error('postgres is not there');
    const id = '01M7VG9A20GGGGGGGGGGGGGGGG';
    const request = {
      ...{ version: 1 as const, id, remedy: 'apply-declared' as const, target: 'home/lxc/200', reason: 'because' },
      parameters: { fields: ['swap' as const] },
      expectedState: preStateOf(live),
      expiresAt: '2026-11-26T00:00:00Z',
      inverse: 'irreversible' as const,
    };
    await lab.push('main', {
      'guests/frigate.yaml': set('memory', 8192),
      'guests/nextcloud.yaml': set('cores', 3),
      'guests/postgres.yaml': set('swap', 1024),
      'guests/gitea.yaml': null,
      'guests/web.yaml': web,
      [`operations/${id}.yaml`]: printOperation(request),
    });
  }

  const postgres = { cluster: 'home', type: 'lxc' as const, vmid: 200 };
  const head = async () => {
    await lab.read.repo.fetch();
    return (await lab.read.repo.tip('refs/heads/main')) ?? '';
  };

  it('is not applied, not even with an approved change of the same guest', async () => {
    expect(await lab.record(carried)).toMatchObject({ outcome: 'verified', steps: [{ after: { memory: 5120 } }] });
    expect([lab.live(201), lab.live(201, 'cores'), lab.live(202), lab.live(200, 'swap')]).toEqual([5120, 2, 4096, 512]);
  });

  it('is shown by gitmend status, which ends with 1: a person is needed', () => {
    expect(status.code).toBe(1);
    expect(status.out.split('\n').filter((line) => line.startsWith('unapproved'))).toEqual([
      'unapproved  frigate: memory 8192 (applied: 4096)',
      'unapproved  nextcloud: cores 3 (applied: 2)',
      'unapproved  postgres: swap 1024 (applied: 512)',
      'unapproved  web was never declared by an approved pull request',
      'unapproved  gitea (home/lxc/204) is no longer declared; nothing is done to it',
      expect.stringMatching(
        /^unapproved {2}operation 01M7VG9A20GGGGGGGGGGGGGGGG \(apply-declared of home\/lxc\/200\) is not carried out: .* delete operations\/01M7VG9A20GGGGGGGGGGGGGGGG.yaml, or wait until it expires at /,
      ),
    ]);
  });

  it('is answered with ways out that name the push, not an older stop of the same guest', () => {
    expect([...(ways[0] ?? [])].map(([way, { title }]) => [way, title]).sort()).toEqual([
      ['insist frigate', 'frigate: apply memory 8192 MiB as declared'],
      ['insist nextcloud', 'nextcloud: apply cores 3 as declared'],
      ['insist postgres', 'postgres: apply swap 1024 MiB as declared'],
      ['undo frigate', expect.stringMatching(/^frigate: take back commit [0-9a-f]{7} \(no pull request\)$/)],
      ['undo nextcloud', expect.stringMatching(/^nextcloud: take back commit [0-9a-f]{7} \(no pull request\)$/)],
      ['undo postgres', expect.stringMatching(/^postgres: take back commit [0-9a-f]{7} \(no pull request\)$/)],
    ]);
  });

  it('leaves the comment of an older, settled stop as it was', async () => {
    const said = (await lab.comments(stale)).map(({ body }) => body).join('\n');
    expect(said).toMatch(/\*\*Not applied\*\* \(stale\).* Choose: keep 2304 \(#\d+\), insist on 3072/);
  });

  it('keeps its ways out while Proxmox VE does not answer', () => {
    expect(numbers(ways[1])).toEqual(numbers(ways[0]));
    expect(numbers(ways[2])).toEqual(numbers(ways[0]));
  });

  it('leaves a way out alone that a person has committed to', async () => {
    await lab.pusher.fetch();
    const tip = (await lab.pusher.tip(`refs/heads/${theirs}`)) ?? '';
    expect((await lab.pusher.tree(tip)).get('guests/frigate.yaml')).toContain('# mine');
  });

  it('can be taken back by a person where it was never applied', () => {
    expect(removing).toContain('nothing is applied');
  });
});
