import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryShort } from '../../simulators/pve/index.ts';
import { recordSubject } from '../../src/records/record.ts';
import { recordsRef } from '../../src/ledger/records.ts';
import { type DeliverLab, type DeliverLabOptions, deliverLab, set } from '../support/deliver-lab.ts';
import { planOf, readable } from '../terraform/real/deliver-lab.ts';

const unseen = 'Not observed, because no source here shows it: kills for lack of memory and swapping in.';

const labs: DeliverLab[] = [];
afterAll(async () => {
  for (const lab of labs) expect(await lab.close()).toEqual([]);
});

async function opened(options: DeliverLabOptions): Promise<DeliverLab> {
  const lab = await deliverLab(options);
  labs.push(lab);
  return lab;
}

/** What gitmend said on a pull request, without the markers, one text per comment. */
async function saidOn(lab: DeliverLab, number: number): Promise<string[]> {
  const comments = await lab.comments(number);
  return comments.map(({ body }) => body.replaceAll(/<!--.*?-->\n*/g, '').trim());
}

const line = (texts: readonly string[], start: string) =>
  texts.flatMap((text) => text.split('\n')).find((one) => one.startsWith(start)) ?? '';

describe('what is said of a change that Proxmox VE alone can be asked about', () => {
  const said: { [moment: string]: string[] } = {};
  let lab: DeliverLab;

  beforeAll(async () => {
    lab = await opened({ trouble: memoryShort });
    await lab.heal();
    said['planned'] = await saidOn(lab, 1);
    said['whole'] = [await planOf(lab, 1)];
    lab.clock.advance(120_000);
    await lab.merge(1);
    const { next } = await lab.pass();
    said['applied'] = await saidOn(lab, 1);
    lab.clock.reach(next ?? 0);
    await lab.pass();
    said['looked'] = await saidOn(lab, 1);
    await lab.run();
    said['verified'] = await saidOn(lab, 1);
  }, 60_000);

  it('promises nothing that no source shows, and names what is not observed', async () => {
    await expect(readable(said['whole']?.[0] ?? '')).toMatchFileSnapshot('golden/resize-guest.md');
    const afterwards = line(said['planned'] ?? [], '**Afterwards:**');
    expect(afterwards).toContain(
      'usage stays under 90 %, stalls under 10 %, and the alert resolves; the alert is watched',
    );
    expect(afterwards).not.toContain('killed');
    expect(afterwards).toContain(unseen);
  });

  it('names what the plan was computed from: configuration, policies and the guest as it was read', () => {
    expect(line(said['planned'] ?? [], 'Computed from')).toMatch(
      /, config digest `sha256:[0-9a-f]{64}`, policy version `sha256:[0-9a-f]{64}`, postgres as read `[0-9a-f]{7}`, /,
    );
  });

  it('gives the figures of the last look in the comment that says that it was applied', () => {
    expect(line(said['applied'] ?? [], '**Applied**')).toMatch(/\*\*Verifying\*\* until \d\d:\d\dZ\.$/);
    expect(line(said['looked'] ?? [], '**Applied**')).toMatch(
      /\*\*Verifying\*\* until \d\d:\d\dZ: usage [\d.]+ %, stalls [\d.]+ %\.$/,
    );
    expect(said['looked']).toHaveLength(said['applied']?.length ?? 0);
  });

  it('names in comment, record and journal what was not observed', async () => {
    expect(line(said['verified'] ?? [], '**Verified**')).toContain(unseen);
    const record = await lab.record(1);
    const notObserved = ['kills for lack of memory', 'swapping in'];
    expect(record?.verification).toMatchObject({ looks: 4, notObserved });
    const tree = await lab.pusher.tree((await lab.pusher.tip(recordsRef)) ?? '');
    const journal = [...tree].find(([path]) => path.endsWith(`${record?.run ?? ''}.journal.txt`))?.[1] ?? '';
    expect(journal.match(/"notObserved":\["kills for lack of memory","swapping in"\]/g)).toHaveLength(4);
  });

  it('judges the figures before and after of what was changed, and of nothing else', async () => {
    const record = await lab.record(1);
    expect(Object.keys(record?.verification?.observed ?? {})).toEqual(['fullStalls', 'stalls', 'usage']);
  });

  it('gives the first record a subject that says what was adopted', async () => {
    const tip = (await lab.pusher.tip(recordsRef)) ?? '';
    const subjects = await Promise.all(
      (await lab.pusher.firstParents(undefined, tip)).map(
        async (one) => (await lab.pusher.message(one)).split('\n')[0],
      ),
    );
    const [adopted] = await lab.records();
    expect(adopted?.outcome).toBe('adopted');
    expect(subjects).toContain(adopted === undefined ? '' : recordSubject(adopted));
    expect(subjects.find((subject) => subject?.startsWith('adopted'))).toMatch(
      /^adopted: \d of 5 guests are as [0-9a-f]{7} declares them$/,
    );
  });
});

describe('what is said where no alert is asked', () => {
  it('watches nothing for a pull request that answers none', { timeout: 60_000 }, async () => {
    const lab = await opened({});
    const number = await lab.propose('more', { 'guests/nextcloud.yaml': set('memory', 5120) });
    await lab.plan(number);
    const afterwards = line(await saidOn(lab, number), '**Afterwards:**');
    expect(afterwards).toContain('No alert is asked: this pull request answers none.');
    expect(afterwards).not.toContain('watched');
  });

  it('says so where an alert is answered and no Alertmanager is configured', { timeout: 60_000 }, async () => {
    const begin = { 'gitmend.yaml': (text: string) => text.replace(/^alertmanager:.*\n/m, '') };
    const lab = await opened({ trouble: memoryShort, begin });
    await lab.heal();
    const afterwards = line(await saidOn(lab, 1), '**Afterwards:**');
    expect(afterwards).toContain('No alert is asked: no Alertmanager is configured.');
    expect(afterwards).not.toMatch(/watched|the alert/);
    lab.clock.advance(120_000);
    await lab.merge(1);
    await lab.run();
    expect(line(await saidOn(lab, 1), '**Verified**')).toContain('; no alert was asked.');
  });
});

describe('what is said of a change that did not help', () => {
  it('leaves no comment that still waits for the end', { timeout: 60_000 }, async () => {
    const lab = await opened({});
    const number = await lab.propose('more', { 'guests/nextcloud.yaml': set('memory', 5120) });
    await lab.plan(number);
    lab.clock.advance(120_000);
    await lab.merge(number);
    const { next } = await lab.pass();
    lab.clock.reach(next ?? 0);
    await lab.pass();
    lab.setLive(201, { memory: 4608 });
    await lab.run();
    const said = await saidOn(lab, number);
    expect(said.join('\n')).not.toContain('Verifying');
    expect(line(said, '**Applied**')).toMatch(
      /^\*\*Applied\*\* \S+ in [\d.]+ s: memory 5120 MiB, live\. \*\*Not verified\*\* \d\d:\d\d:\d\dZ: the comment below says why\.$/,
    );
    expect(said.findIndex((text) => text.startsWith('**Applied**'))).toBeLessThan(
      said.findIndex((text) => text.startsWith('**Not verified**')),
    );
  });
});
