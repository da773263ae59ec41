import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificates } from '../../simulators/pve/certificates.ts';
import { homeTokens, memoryShort } from '../../simulators/pve/index.ts';
import { cli, type Said } from '../support/deliver-cli.ts';
import { type DeliverLab, deliverLab, set, shortWindow } from '../support/deliver-lab.ts';

const envOf = ({ lab }: DeliverLab, role: 'read' | 'write') => ({
  directory: lab.clone,
  clock: lab.clock,
  env: lab.env[role],
});

describe('a Proxmox VE that says no to the reading half', () => {
  let lab: DeliverLab;
  const said: { [story: string]: Said } = {};
  let nothing: number;

  beforeAll(async () => {
    const stranger = makeCertificates(['127.0.0.1'], Date.now()).caPem;
    lab = await deliverLab({ trouble: memoryShort, begin: shortWindow });
    const { clone: directory, payload, pve, env } = lab.lab;
    const heal = (variables: { [name: string]: string }) =>
      cli({ directory, clock: lab.clock, env: { ...env.read, ...variables } }, 'heal', payload);
    pve.faults.inject({ fault: 'reset-before', count: 10_000 });
    said['unreachable'] = await heal({});
    pve.faults.clear();
    said['wrong token'] = await heal({
      GITMEND_PVE_READ: homeTokens.read.replace(/=.*/, '=00000000-0000-4000-8000-000000000000'),
    });
    said['no token'] = await heal({ GITMEND_PVE_READ: '' });
    const token = pve.world.tokens.get(homeTokens.read.split('=')[0] ?? '');
    const acl = token?.acl ?? {};
    if (token !== undefined) token.acl = {};
    said['no privilege'] = await heal({});
    if (token !== undefined) token.acl = acl;
    await lab.pusher.fetch();
    nothing = (await lab.pusher.refs('refs/gitmend')).size;
    said['well'] = await heal({});
    pve.faults.inject({ fault: 'error-596', count: 10_000 });
    said['silent later'] = await heal({});
    said['plan while silent'] = await cli(envOf(lab, 'read'), 'plan');
    pve.faults.clear();
    said['plan again'] = await cli(envOf(lab, 'read'), 'plan');
    const other = await deliverLab({ begin: { 'certs/pve-root-ca.pem': stranger } });
    said['unknown CA'] = await cli(envOf(other, 'read'), 'plan');
    await other.close();
  }, 120_000);
  afterAll(async () => expect(await lab.close()).toEqual([]));

  it.each([
    ['unreachable', /^PVE_UNREACHABLE: /],
    ['wrong token', /^PVE_UNAUTHENTICATED: /],
    ['no token', /^ENV_MISSING: GITMEND_PVE_READ is not set: the read token of cluster home/],
    ['no privilege', /^PVE_\w+: .*VM\.Audit/],
    ['unknown CA', /^PVE_UNTRUSTED: /],
    ['plan while silent', /^PVE_FAILED: .*596/],
  ])('ends with a coded error that says what, why and the next step, exit 1: %s', (story, words) => {
    expect(said[story]?.err).toMatch(words);
    expect(said[story]?.err).toMatch(/\n {2}why: .+\n {2}next: .+\n$/);
    expect(said[story]?.code).toBe(1);
  });

  it('has written nothing before it could look', () => {
    expect(nothing).toBe(0);
  });

  it('never has its token in what is said', () => {
    const all = Object.values(said)
      .map(({ out, err }) => out + err)
      .join('\n');
    expect(all).not.toMatch(/1b9d6bcd|9f8e7d6c|00000000-0000/);
  });

  it('loses nothing: the next delivery and the next plan go on', () => {
    expect(said['well']?.out).toContain('proposed  #1 postgres: memory 2048 → 3072 MiB (opened, plan shown)');
    expect(said['plan again']?.out).toContain(
      '#1 planned: postgres memory 2048 → 3072 MiB; dry run accepted (as shown before)',
    );
  });

  it('is an unknown with its reason where an alert cannot be looked into', async () => {
    expect(said['silent later']?.out).toMatch(/^unknown {2}.*the guests of home cannot be listed: PVE_\w+/m);
    const unknown = (await lab.records()).find(({ outcome }) => outcome === 'unknown');
    expect(unknown).toMatchObject({ reason: 'no-evidence' });
  });
});

describe('a Proxmox VE that says no to the writing half', () => {
  let lab: DeliverLab;
  const said: { [story: string]: Said } = {};
  const numbers: { [story: string]: number } = {};
  let pending: object[];

  beforeAll(async () => {
    lab = await deliverLab({ begin: shortWindow });
    const { pve } = lab.lab;
    const propose = async (story: string, guest: string) =>
      (numbers[story] = await lab.propose(story, { [`guests/${guest}.yaml`]: set('memory', 5120) }));
    for (const [story, guest] of [
      ['half', 'nextcloud'],
      ['privilege', 'frigate'],
      ['locked', 'gitea'],
      ['silent', 'postgres'],
    ])
      await propose(story ?? '', guest ?? '');
    await lab.plan();
    lab.clock.advance(120_000);
    await lab.merge(numbers['half'] ?? 0);
    pve.faults.inject({ fault: '400-after-write', method: 'PUT', path: /\/config$/ });
    said['half'] = await runner();
    pending = [201].map((vmid) => pve.world.guests.get(vmid)?.pending ?? {});
    await lab.merge(numbers['privilege'] ?? 0);
    const token = pve.world.tokens.get(homeTokens.write.split('=')[0] ?? '');
    const acl = token?.acl ?? {};
    if (token !== undefined) token.acl = { '/': (acl['/'] ?? []).filter((name) => name !== 'VM.Config.Memory') };
    said['privilege'] = await runner();
    if (token !== undefined) token.acl = acl;
    await lab.merge(numbers['locked'] ?? 0);
    pve.faults.inject({ fault: 'locked', lock: 'backup', method: 'PUT' });
    said['locked'] = await runner();
    said['unlocked'] = await runner();
    await lab.merge(numbers['silent'] ?? 0);
    pve.faults.inject({ fault: 'error-596', count: 10_000 });
    said['silent'] = await runner();
    pve.faults.clear();
    said['no token'] = await cli(
      { ...envOf(lab, 'write'), env: { ...lab.lab.env.write, GITMEND_PVE_WRITE: '' } },
      'runner',
      '--once',
    );
    await lab.run();
  }, 120_000);
  afterAll(async () => expect(await lab.close()).toEqual([]));

  const runner = () => cli(envOf(lab, 'write'), 'runner', '--once');

  it('leaves nothing half-done where a refusal had written a part', async () => {
    expect(await lab.record(numbers['half'] ?? 0)).toMatchObject({
      outcome: 'not-applied',
      reason: 'refused',
      steps: [],
    });
    expect([lab.live(201), ...pending]).toEqual([4096, {}]);
  });

  it('names the privilege that is missing', async () => {
    const message = expect.stringContaining('VM.Config.Memory') as string;
    expect(await lab.record(numbers['privilege'] ?? 0)).toMatchObject({
      outcome: 'not-applied',
      reason: 'refused',
      message,
    });
    expect(lab.live(202)).toBe(4096);
  });

  it('is waited for while the guest is locked, and then gone on with', async () => {
    expect(said['locked']?.out).toMatch(/^waiting: #\d+: .*locked/m);
    expect(said['unlocked']?.out).toMatch(/^#\d+ applied: gitea memory 5120 MiB, live$/m);
    expect(await lab.record(numbers['locked'] ?? 0)).toMatchObject({ outcome: 'verified' });
  });

  it('is said with its code while it does not answer, exit 1, and the next pass goes on', async () => {
    expect(said['silent']).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^PVE_FAILED: [^]*\n {2}next: /) as string,
    });
    expect(await lab.record(numbers['silent'] ?? 0)).toMatchObject({ outcome: 'verified' });
    expect(lab.live(200)).toBe(5120);
  });

  it('is not asked at all without a token, which is named', () => {
    expect(said['no token']).toMatchObject({
      code: 1,
      err: expect.stringContaining('ENV_MISSING: GITMEND_PVE_WRITE is not set') as string,
    });
  });

  it('got one write for each effect and each that was refused', () => {
    const puts = lab.lab.pve.requests.filter(({ method }) => method === 'PUT');
    expect(puts.filter(({ status }) => status === 200)).toHaveLength(2 + 1);
  });
});
