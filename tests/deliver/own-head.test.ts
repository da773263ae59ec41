import { afterEach, describe, expect, it } from 'vitest';
import { memoryShort } from '../../simulators/pve/index.ts';
import type { Forge, PullRequest } from '../../src/forges/forge.ts';
import { planningPass } from '../../src/pipeline/deliver.ts';
import { type DeliverLab, type Files, deliverLab } from '../support/deliver-lab.ts';

let lab: DeliverLab;
afterEach(async () => expect(await lab.close()).toEqual([]));

const rules = (level: string, approvers = '[maintainer]'): Files => ({
  'gitmend.yaml': (text) => text.replace('window: 5s', 'window: 1s').replace('[maintainer]', approvers),
  'policies/guests.yaml': (text) => text.replaceAll('level: approve\n', `level: ${level}\n`),
});

async function proposed(level: string, approvers?: string): Promise<PullRequest> {
  lab = await deliverLab({ begin: rules(level, approvers), trouble: memoryShort });
  await lab.heal();
  const pr = (await lab.open()).get('resize-guest');
  if (pr === undefined) throw new Error('nothing was proposed');
  return pr;
}

async function planThrice(): Promise<void> {
  for (let pass = 0; pass < 3; pass += 1) {
    lab.clock.advance(70_000);
    await lab.plan();
  }
}

const policySaid = async (number: number) => {
  const { head } = await lab.lab.forge.pullRequest(number);
  return (await lab.lab.forge.statuses(head)).find(({ context }) => context === 'gitmend/policy')?.description;
};

describe('what policy leaves to gitmend', () => {
  it('is merged and applied without a person at the head that this machine made', async () => {
    const { number } = await proposed('auto');
    await lab.plan();
    expect(await policySaid(number)).toBe('auto: gitmend merges it');
    await planThrice();
    expect(await lab.lab.forge.pullRequest(number)).toMatchObject({ state: 'merged', mergedBy: 'gitmend' });
    await lab.run();
    expect(lab.live(200)).toBe(3072);
  });

  it.each(['auto', 'notify'])('waits for a person where somebody pushed to its branch (%s)', async (level) => {
    const { number, branch } = await proposed(level);
    // The mark of gitmend's own commits is a line of text, and anybody can write it.
    const edit = { 'guests/postgres.yaml': (text: string) => text.replace(/^memory: \d+/m, 'memory: 6144') };
    await lab.push(branch, edit, 'mine\n\nGitmend-Remedy: resize-guest\nGitmend-Fingerprint: x');
    await planThrice();
    expect((await lab.lab.forge.pullRequest(number)).state).toBe('open');
    expect(await policySaid(number)).toBe('waits for a person: this machine did not make its head');
    await lab.run();
    expect(lab.live(200)).toBe(2048);
    // A person's merge is an approval of what was shown, as ever.
    await lab.merge(number);
    await lab.run();
    expect(lab.live(200)).toBe(6144);
  });

  it('waits for a person where it is a draft, is not tried at any pass, and is merged once it is none any more', async () => {
    const { number } = await proposed('auto');
    const { forge } = lab.read;
    const merges: number[] = [];
    const drafts: Forge = {
      ...forge,
      pullRequests: async (filter) => (await forge.pullRequests(filter)).map((pr) => ({ ...pr, draft: true })),
      merge: (merged, options) => (merges.push(merged), forge.merge(merged, options)),
    };
    for (let pass = 0; pass < 3; pass += 1) {
      lab.clock.advance(70_000);
      const { shown } = await planningPass({ ...lab.read, forge: drafts });
      expect(shown).toMatchObject([{ number, result: { state: 'shown' }, unmerged: 'it is a draft' }]);
    }
    expect(merges).toEqual([]);
    expect(await policySaid(number)).toBe('waits for a person: it is a draft');
    await planThrice();
    expect((await forge.pullRequest(number)).state).toBe('merged');
  });

  it('waits for a person where this machine does not know the head any more', async () => {
    const { number } = await proposed('auto');
    lab.read.ownHeads = { tip: async () => undefined, note: async () => undefined };
    await planThrice();
    expect((await lab.lab.forge.pullRequest(number)).state).toBe('open');
  });
});

describe('a commit of somebody else on the branch of gitmend', () => {
  const edit = { 'guests/postgres.yaml': (text: string) => text.replace(/^memory: \d+/m, 'memory: 6144') };

  it('asks for one approval more where n people besides the author are asked', async () => {
    const { number, branch } = await proposed('approve-2', '[maintainer, ann, ben]');
    await lab.push(branch, edit, 'by one who approves');
    await lab.plan();
    expect(await policySaid(number)).toBe('0 of 3 approvals, merging counts as one');
    lab.clock.advance(120_000);
    await (await lab.as('ann')).review(number, 'approved');
    await lab.merge(number);
    await lab.run();
    expect(lab.live(200)).toBe(2048);
  });

  it('is refused where there are too few people for that', async () => {
    const { number, branch } = await proposed('approve-2', '[maintainer, ann]');
    await lab.push(branch, edit, 'by one who approves');
    const shown = (await lab.plan()).get(number);
    expect(shown).toMatchObject({ record: { refusals: [{ reason: 'unreachable-level' }] } });
  });

  it('changes nothing where nobody else pushed: two people approve', async () => {
    const { number } = await proposed('approve-2', '[maintainer, ann]');
    await lab.plan();
    lab.clock.advance(120_000);
    await (await lab.as('ann')).review(number, 'approved');
    await lab.merge(number);
    await lab.run();
    expect(lab.live(200)).toBe(3072);
  });
});
