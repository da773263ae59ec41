import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NotShown, Shown } from '../../src/deliver/show.ts';
import { readTruth, type Truth } from '../../src/deliver/truth.ts';
import { emptyTree } from '../../src/git/repository.ts';
import { cli, type Said } from '../support/deliver-cli.ts';
import { type DeliverLab, deliverLab, type Files, set, shortWindow } from '../support/deliver-lab.ts';
import { readable } from '../terraform/real/deliver-lab.ts';

const bounded: Files = {
  'policies/guests.yaml': (text) =>
    text.replace('cooldown: 30m', 'cooldown: 30m\n    bounds: { memory: { max: 6144 } }'),
};

describe('the rules of the repository', () => {
  let lab: DeliverLab;
  let truth: Truth;
  let statuses: Said[];
  const numbers: { [story: string]: number } = {};
  const plans = new Map<string, string>();

  beforeAll(async () => {
    lab = await deliverLab({ begin: shortWindow });
    const propose = async (story: string, files: Files) => (numbers[story] = await lab.propose(story, files));
    const planned = async (...stories: string[]) => {
      await lab.plan(...stories.map((story) => numbers[story] ?? 0));
      for (const story of stories) plans.set(story, (await lab.comments(numbers[story] ?? 0)).at(-1)?.body ?? '');
      lab.clock.advance(120_000);
    };
    const status = () => cli({ directory: lab.lab.clone, clock: lab.clock, env: lab.lab.env.read }, 'status');
    await propose('rules', bounded);
    await propose('mixed', { ...bounded, 'guests/frigate.yaml': set('memory', 5120) });
    await propose('authority', { 'certs/new.pem': 'x', 'guests/frigate.yaml': set('cores', 3) });
    await propose('broken', { 'gitmend.yaml': (text) => text.replace('version: 1', 'version: 2') });
    await planned('rules', 'mixed', 'authority', 'broken');
    for (const story of ['rules', 'authority', 'broken']) await lab.merge(numbers[story] ?? 0);
    await lab.run();
    await propose('beyond', { 'guests/nextcloud.yaml': set('memory', 8192) });
    await lab.push('main', {
      'gitmend.yaml': (text) =>
        text.replace('version: 2', 'version: 1').replace('[maintainer]', '[maintainer, mallory]'),
      'certs/new.pem': null,
    });
    await propose('by-mallory', { 'guests/frigate.yaml': set('memory', 5120) });
    await propose('more-rules', { 'policies/guests.yaml': (text) => text.replace('max: 6144', 'max: 12288') });
    await planned('beyond', 'by-mallory', 'more-rules');
    await lab.merge(numbers['by-mallory'] ?? 0, { by: 'mallory' });
    truth = await readTruth(lab.write);
    await lab.run();
    statuses = [await status()];
    await propose('back', { 'gitmend.yaml': (text) => text.replace(', mallory', '') });
    await planned('back');
    await lab.merge(numbers['back'] ?? 0);
    await lab.run();
    statuses.push(await status());
  }, 180_000);
  afterAll(async () => expect(await lab.close()).toEqual([]));

  it('are in force once a pull request that changes nothing else is merged', async () => {
    await expect(readable(plans.get('rules') ?? '')).toMatchFileSnapshot('golden/rules.md');
    expect(await lab.record(numbers['rules'] ?? 0)).toMatchObject({
      outcome: 'verified',
      applied: { rules: true },
      steps: [],
    });
    expect(plans.get('beyond')).toContain(
      'memory 8192 MiB of nextcloud is more than 6144, a bound of the rule "guests"',
    );
  });

  it.each(['mixed', 'authority'])('are refused together with a step: %s', (story) => {
    expect(plans.get(story)).toContain('**Refused** (`rules-with-steps`)');
  });

  it('are refused where they cannot be read, and stay those of before when merged all the same', () => {
    expect(plans.get('broken')).toMatch(/\*\*Refused\*\* \(`declaration-invalid`\): gitmend\.yaml:1:\d+ version/);
    expect(truth.rules.config?.version).toBe(1);
    expect(lab.live(202, 'cores')).toBe(2);
  });

  it('do not come into force by a push, nor by what is approved after it', () => {
    expect(truth.rules.config?.approvers).toEqual(['maintainer']);
    const merged = truth.units.find(({ pullRequest }) => pullRequest?.number === numbers['by-mallory']);
    expect(merged?.approval).toMatchObject({
      approved: false,
      why: 'it was merged by mallory, whose approval does not count here',
    });
    expect(lab.live(202)).toBe(4096);
  });

  it('cannot be changed further until what was pushed is brought back', async () => {
    expect(plans.get('more-rules')).toContain(
      '**Refused** (`base-unapproved`): gitmend.yaml on the default branch came there without an approved pull request',
    );
    expect(plans.get('back')).not.toContain('**Refused**');
    expect(await lab.record(numbers['back'] ?? 0)).toMatchObject({ outcome: 'verified', applied: { rules: true } });
  });

  it('are named by gitmend status as long as those of the default branch are not in force', () => {
    const line = /^rules {7}those of [0-9a-f]{7} are in force; unapproved on the default branch: gitmend\.yaml$/m;
    expect(statuses[0]?.out).toMatch(line);
    expect(statuses[1]?.out).not.toContain('are in force');
  });
});

describe('a pull request that cannot be read', () => {
  let lab: DeliverLab;
  let waiting: Shown | NotShown | undefined;
  const plans = new Map<string, string>();

  beforeAll(async () => {
    lab = await deliverLab({ begin: shortWindow });
    const numbers: { [story: string]: number } = {};
    const guest = (vmid: number) => (text: string) => text.replace(/^vmid: \d+/m, `vmid: ${vmid}`);
    numbers['faults'] = await lab.propose('faults', {
      'guests/frigate.yaml': (text) => text.replace('memory: 4096', 'memory: 4g').replace('cores: 2', 'cores: two'),
      'guests/nextcloud.yaml': guest(200),
      'guests/gitea.yaml': 'name: [gitea\n',
      'operations/01M7VG9A20GGGGGGGGGGGGGGGG.yaml': 'version: 1\n',
      'policies/guests.yaml': 'version: 1\nrules: [{ name: x }]\n',
    });
    numbers['twice'] = await lab.propose('twice', {
      'guests/copy.yaml':
        'name: copy\ncluster: home\nnode: pve1\nvmid: 202\ntype: lxc\ncores: 2\nmemory: 8192\nswap: 0\ndisk: { storage: local-lvm, size: 32 }\nnetwork: { bridge: vmbr0 }\n',
    });
    numbers['odd'] = await lab.propose('odd', {
      'notes/ö "x"\t$(id).txt': 'hello\n',
      'guests/frigate.yaml': set('memory', 5120),
    });
    numbers['words'] = await lab.propose('words', {
      'compose/monitoring/compose.yaml': (text) => `${text}# kept\n`,
      'prometheus/rules/guests.yaml': 'groups: []\n',
    });
    numbers['orphan'] = await lab.propose('orphan', { 'guests/postgres.yaml': set('memory', 3072) });
    await orphan('orphan');
    const gone = await lab.propose('gone', { 'guests/postgres.yaml': set('cores', 3) });
    await lab.pusher.push([
      { ref: 'refs/heads/gone', from: (await lab.pusher.tip('refs/heads/gone')) ?? '', to: null },
    ]);
    waiting = (await lab.plan()).get(gone);
    for (const [story, number] of Object.entries(numbers))
      plans.set(story, (await lab.comments(number)).at(-1)?.body ?? '');
  }, 120_000);
  afterAll(async () => expect(await lab.close()).toEqual([]));

  /** The branch is pushed over with something that has nothing in common with the default branch. */
  async function orphan(branch: string): Promise<void> {
    const commit = await lab.pusher.commit({ tree: emptyTree, parents: [], message: 'nothing\n', at: lab.clock.now() });
    const ref = `refs/heads/${branch}`;
    await lab.pusher.push([{ ref, from: (await lab.pusher.tip(ref)) ?? null, to: commit }]);
  }

  it('is refused with every fault of every file', async () => {
    const faults = plans.get('faults') ?? '';
    for (const file of [
      'guests/frigate.yaml',
      'guests/nextcloud.yaml',
      'guests/gitea.yaml',
      'policies/guests.yaml',
      'operations/01M7VG9A20GGGGGGGGGGGGGGGG.yaml',
    ])
      expect(faults).toContain(file);
    expect(faults).toMatch(/frigate\.yaml:\d+:\d+ cores/);
    expect(faults).toMatch(/frigate\.yaml:\d+:\d+ memory/);
    expect(faults).toContain('vmid 200 is also declared in guests/postgres.yaml');
    await expect(readable(faults)).toMatchFileSnapshot('golden/refused-faults.md');
  });

  it('is refused where it declares a guest a second time', () => {
    expect(plans.get('twice')).toMatch(/\*\*Refused\*\* .*vmid 202 is also declared in guests\/frigate\.yaml:\d+/);
  });

  it('is refused where its branch has nothing in common with the default branch, and the others are planned', () => {
    expect(plans.get('orphan')).toContain(
      '**Refused** (`conflict`): it conflicts with the default branch in every file',
    );
    expect(plans.get('odd')).toContain('memory 4096 → 5120 MiB');
  });

  it('waits where its branch is gone, and holds up no other', () => {
    const why = expect.stringMatching(/^its head [0-9a-f]{7} is not there any more$/) as string;
    expect(waiting).toEqual({ state: 'waiting', why });
  });

  it('may hold files with odd names, which are named as data, and others that nothing applies', async () => {
    await expect(readable(plans.get('words') ?? '')).toMatchFileSnapshot('golden/nothing-applied.md');
    expect(plans.get('odd')).toContain('Nothing is applied from: notes/ö "x"');
    expect(plans.get('odd')).not.toContain('\t$(id)');
  });
});
