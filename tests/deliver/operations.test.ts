import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isoTime } from '../../src/core/clock.ts';
import { preStateOf, type SizeField } from '../../src/declarations/guest/index.ts';
import { printOperation } from '../../src/declarations/operation/index.ts';
import { readLive } from '../../src/deliver/truth.ts';
import { readApplied } from '../../src/ledger/applied.ts';
import { type DeliverLab, deliverLab, set, shortWindow } from '../support/deliver-lab.ts';

describe('operation files', () => {
  let lab: DeliverLab;
  const numbers: { [story: string]: number } = {};
  const plans = new Map<string, string>();
  let made = 0;

  /** A request that the fields of a guest become as declared, as it is live now. */
  async function request(
    vmid: number,
    hours = 24,
    fields: SizeField[] = ['memory'],
  ): Promise<{ file: string; text: string }> {
    await lab.read.repo.fetch();
    const head = (await lab.read.repo.tip('refs/heads/main')) ?? '';
    const engines = lab.read.engines(await lab.read.declaredAt(head));
    const live = await readLive(engines, { cluster: 'home', type: 'lxc', vmid });
    const id = ulid(lab.clock.now(), () => (made += 0.001));
    const text = printOperation({
      ...{
        version: 1,
        id,
        remedy: 'apply-declared',
        target: `home/lxc/${vmid}`,
        reason: 'because',
        parameters: { fields },
      },
      expectedState: live === undefined ? `sha256:${'0'.repeat(64)}` : preStateOf(live),
      expiresAt: isoTime(lab.clock.now() + hours * 3_600_000),
      inverse: { kind: 'set-guest-config', set: { memory: live?.running.memory ?? 512 } },
    });
    return { file: `operations/${id}.yaml`, text };
  }
  const propose = async (story: string, files: Parameters<DeliverLab['propose']>[1]) =>
    (numbers[story] = await lab.propose(story, files));
  const planned = async (...stories: string[]) => {
    await lab.plan(...stories.map((story) => numbers[story] ?? 0));
    for (const story of stories) plans.set(story, (await lab.comments(numbers[story] ?? 0)).at(-1)?.body ?? '');
    lab.clock.advance(120_000);
  };
  const record = (story: string) => lab.record(numbers[story] ?? 0);

  beforeAll(async () => {
    lab = await deliverLab({ begin: shortWindow });
    await lab.plan();
    for (const vmid of [200, 201, 202, 204]) lab.setLive(vmid, { memory: 6144 });
    const [good, late, changed] = [await request(201), await request(202, 1), await request(204)];
    await propose('good', { [good.file]: good.text });
    await propose('late', { [late.file]: late.text });
    await propose('changed', { [changed.file]: changed.text });
    const both = await request(200);
    await propose('both', { [both.file]: both.text, 'guests/postgres.yaml': set('cores', 3) });
    const nobody = await request(999);
    await propose('nobody', { [nobody.file]: nobody.text });
    await propose('too-long', { [both.file]: both.text.replace(/expiresAt: .*/, 'expiresAt: 2027-11-20T00:00:00Z') });
    await planned('good', 'late', 'changed', 'both', 'nobody', 'too-long');
    lab.setLive(204, { memory: 5120 });
    lab.clock.advance(30 * 60_000);
    for (const story of ['good', 'late', 'changed']) await lab.merge(numbers[story] ?? 0);
    // Merged in time, and the runner comes an hour later.
    lab.clock.advance(3_600_000);
    await lab.run();
    await propose('edited', { [good.file]: (text) => text.replace('because', 'because of that') });
    await propose('deleted', { [good.file]: null });
    await planned('edited', 'deleted');
    await lab.merge(numbers['deleted'] ?? 0);
    await lab.run();
    await propose('again', { [good.file]: good.text });
    await planned('again');
    await lab.merge(numbers['again'] ?? 0);
    await lab.run();
  }, 180_000);
  afterAll(async () => expect(await lab.close()).toEqual([]));

  it('request, merged, what is declared: once, from exactly what was seen', async () => {
    expect(plans.get('good')).toMatch(
      /memory 6144 → 4096 MiB[^]*Merging requests the operation `[0-9A-Z]{26}`, once\./,
    );
    expect(await record('good')).toMatchObject({
      outcome: 'verified',
      operations: [expect.any(String)],
      steps: [{ after: { memory: 4096 } }],
    });
    expect(lab.live(201)).toBe(4096);
  });

  it('move the pointer for the fields that they name', async () => {
    await lab.pusher.fetch();
    const { merge } = (await record('good'))?.pullRequest ?? {};
    expect((await readApplied(lab.pusher))?.value?.targets['home/lxc/201']).toMatchObject({
      merge,
      declaration: { memory: 4096 },
    });
  });

  it('stop with the reason when they have expired at the run, although they were merged in time', async () => {
    expect(await record('late')).toMatchObject({ outcome: 'not-applied', reason: 'expired', steps: [] });
    expect(lab.live(202)).toBe(6144);
  });

  it('stop with the reason when what is live is no longer what was seen', async () => {
    const message = 'memory of gitea is 5120 MiB on pve1, no longer the 6144 MiB that this plan started from';
    expect(await record('changed')).toMatchObject({ outcome: 'not-applied', reason: 'stale', message });
    expect(lab.live(204)).toBe(5120);
  });

  it.each([
    ['both', 'operation-and-edit', 'postgres is edited and named by an operation at once'],
    ['nobody', 'target-not-found', 'which this repository does not declare'],
    ['too-long', 'operation-invalid', 'expiresAt: is more than 7 days after'],
    ['edited', 'operation-edited', 'was edited, and a request stays as it was asked'],
    ['again', 'operation-used', 'was applied already, and each is applied once'],
  ])('are refused: %s', (story, reason, words) => {
    expect(plans.get(story)).toMatch(new RegExp(`\\*\\*Refused\\*\\* \\(\`${reason}\`\\): .*${words}`));
  });

  it('do nothing when they are deleted', async () => {
    expect(plans.get('deleted')).toContain('nothing is applied');
    expect(await record('deleted')).toBeUndefined();
  });

  it('are not carried out a second time, merged or not', async () => {
    expect(await record('again')).toBeUndefined();
    expect(lab.writes()).toBe(1);
  });
});
