import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { webhook } from '../../demo/alertmanager.ts';
import { memoryShort, MiB } from '../../simulators/pve/index.ts';
import type { Healed } from '../../src/pipeline/heal.ts';
import { computer } from '../support/machines.ts';
import { openAs } from '../support/in-process.ts';
import { type DeliverLab, deliverLab, set } from '../support/deliver-lab.ts';

/** What one delivery led to, in a few words: `unchanged #1`, `refused declined`, `noted resolved`. */
function words(healed: readonly Healed[]): string[] {
  return healed.map((one) => {
    if (one.state === 'refused') return `refused ${one.refusal.reason}`;
    return one.state === 'noted' ? `noted ${one.diagnosis.rule}` : `${one.state} #${one.pullRequest.number}`;
  });
}

describe('one fault on postgres, told again and again', () => {
  let lab: DeliverLab;
  const said: { [moment: string]: string[] } = {};
  let titles: string[];

  /** Swapped-out memory decides how much is proposed: 3072 MiB with 500, 3712 with 1000, 4096 with 1500. */
  function swapped(mebibytes: 500 | 1000 | 1500): void {
    const guest = lab.lab.pve.world.guests.get(200);
    if (guest !== undefined) guest.load.shared = mebibytes * MiB;
    lab.setLive(200, { swap: mebibytes + 12 });
  }
  const pull = async (number: number) => lab.lab.forge.pullRequest(number);

  beforeAll(async () => {
    lab = await deliverLab({ trouble: memoryShort });
    const elsewhere = await openAs(lab.lab, 'read', computer('elsewhere'));
    delete elsewhere.synthesize;
    const first = await Promise.all([lab.heal(), lab.heal(undefined, elsewhere), lab.heal()]);
    said['parallel'] = first.flatMap(words);
    said['storm'] = words(await lab.heal(webhook(Array.from({ length: 50 }, () => lab.lab.alert))));
    titles = [(await pull(1)).title];
    swapped(1000);
    said['more'] = words(await lab.heal());
    titles.push((await pull(1)).title);
    await mergeMainInto(await pull(1));
    swapped(1500);
    said['after a merge of the base'] = words(await lab.heal());
    titles.push((await pull(1)).title);
    await lab.push((await pull(1)).branch, { 'guests/postgres.yaml': (text) => `${text}# mine\n` }, 'a word of my own');
    said['same value over a commit of a person'] = words(await lab.heal());
    swapped(500);
    said['other value over a commit of a person'] = words(await lab.heal());
    await lab.lab.forge.close(1, 'no, thank you');
    said['other value than was declined'] = words(await lab.heal());
    await lab.lab.forge.close(2, 'nor that');
    said['declined'] = words(await lab.heal());
    said['declined again'] = words(await lab.heal());
    said['resolved'] = words(await lab.heal(webhook([{ ...lab.lab.alert, resolved: true }])));
    lab.clock.advance(7 * 86_400_000 - 1000);
    said['just before seven days'] = words(await lab.heal());
    lab.clock.advance(2000);
    said['after seven days'] = words(await lab.heal());
    said['resolved while it is open'] = words(await lab.heal(webhook([{ ...lab.lab.alert, resolved: true }])));
    said['firing again'] = words(await lab.heal());
    await lab.push('main', { 'guests/postgres.yaml': set('memory', 8192) });
    said['declared larger already'] = words(await lab.heal());
  }, 180_000);
  afterAll(async () => expect(await lab.close()).toEqual([]));

  /** What the button of a forge does: the base is merged into the branch. */
  async function mergeMainInto({ branch, head }: { branch: string; head: string }): Promise<void> {
    await lab.push('main', { 'README.md': 'moved\n' });
    const main = (await lab.pusher.tip('refs/heads/main')) ?? '';
    const merged = await lab.pusher.mergeTree(head, main);
    if (!('tree' in merged)) throw new Error('it does not merge');
    const message = `Merge branch 'main' into ${branch}\n`;
    const commit = await lab.pusher.commit({ tree: merged.tree, parents: [head, main], message, at: lab.clock.now() });
    await lab.pusher.push([{ ref: `refs/heads/${branch}`, from: head, to: commit }]);
  }

  it('opens one pull request, however many deliveries come at once', () => {
    expect(said['parallel']).toEqual(['opened #1', 'opened #1', 'opened #1']);
  });

  it.each([
    ['storm', 'unchanged #1'],
    ['more', 'updated #1'],
    ['after a merge of the base', 'updated #1'],
    ['same value over a commit of a person', 'unchanged #1'],
    ['other value over a commit of a person', 'refused hands-off'],
    ['other value than was declined', 'opened #2'],
    ['declined', 'refused declined'],
    ['declined again', 'refused declined'],
    ['resolved', 'noted resolved'],
    ['just before seven days', 'refused declined'],
    ['after seven days', 'opened #3'],
    ['resolved while it is open', 'noted resolved'],
    ['firing again', 'opened #4'],
    ['declared larger already', 'noted not-yet-applied'],
  ])('%s: %s', (moment, outcome) => {
    expect(said[moment]).toEqual([outcome]);
  });

  it('brings title and branch up to date with what is proposed now', () => {
    const title = (to: number) => `postgres: memory 2048 → ${to} MiB`;
    expect(titles).toEqual([title(3072), title(3712), title(4096)]);
  });

  it('closes what an alert that resolved has made moot, and says so', async () => {
    expect(await pull(3)).toMatchObject({ state: 'closed', closedBy: 'gitmend' });
    expect((await lab.comments(3)).at(-1)?.body).toContain(
      'the alert resolved at 2026-11-20T03:13:00Z before this was merged',
    );
  });

  it('leaves the commit of a person on the branch', async () => {
    const { head } = await pull(1);
    expect((await lab.pusher.tree(head)).get('guests/postgres.yaml')).toContain('# mine');
  });

  it('records each answer that is not a pull request once, as long as it stays the same', async () => {
    const recorded = (await lab.records()).filter(({ outcome }) => outcome !== 'adopted');
    const answers = recorded.map(({ outcome, reason }) => `${outcome} ${reason ?? ''}`);
    const expected = [
      'report-only hands-off',
      'report-only declined',
      'no-change resolved',
      'report-only declined',
      'no-change resolved',
      'no-change not-yet-applied',
    ];
    expect(answers).toEqual(expected);
  });

  it('has written nothing to Proxmox VE', () => {
    expect(lab.writes()).toBe(0);
  });
});
