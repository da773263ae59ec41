import { describe, expect, it } from 'vitest';
import type { Area } from '../../src/core/area.ts';
import type { Tree } from '../../src/core/change-set.ts';
import type { LiveGuest } from '../../src/core/guest.ts';
import { type Computed, computeSteps, targetsOf } from '../../src/deliver/compute.ts';
import { type Declared, readDeclared } from '../../src/deliver/declared.ts';
import { declaresNothing, differenceOf } from '../../src/deliver/difference.ts';
import type { Applied } from '../../src/ledger/applied.ts';
import { type StackCodePlan, stackStep } from '../../src/terraform/index.ts';
import { made, trusted } from '../terraform/examples.ts';
import { appliedAs } from '../support/deliver-fakes.ts';

const target = 'home/lxc/200';

interface Guest {
  memory?: number;
  cores?: number;
  tags?: string;
  vmid?: number;
  /** GiB. */
  disk?: number;
}

function tree(guest: Guest | undefined, more: { [path: string]: string } = {}): Declared {
  const { memory = 2048, cores = 2, tags = '', vmid = 200, disk = 32 } = guest ?? {};
  const text = `name: postgres
cluster: home
node: pve1
vmid: ${vmid}
type: lxc
cores: ${cores}
memory: ${memory}
swap: 512
disk: { storage: local-lvm, size: ${disk} }
network: { bridge: vmbr0 }
tags: [${tags}]
`;
  const files = { 'README.md': 'x', ...(guest === undefined ? {} : { 'guests/postgres.yaml': text }), ...more };
  return readDeclared('0'.repeat(40), new Map(Object.entries(files)));
}

function live(memory = 2048, cores = 2): LiveGuest {
  return {
    ...{ cluster: 'home', node: 'pve1', type: 'lxc', vmid: 200, name: 'postgres', status: 'running', digest: 'd' },
    ...{
      running: { memory, cores, swap: 512 },
      pending: {},
      hotplug: [],
      tags: [],
      uptime: 1,
      at: '2026-11-20T03:34:00Z',
    },
  };
}

interface Story {
  before?: Declared;
  after: Declared;
  applied?: Applied;
  now?: LiveGuest | null;
  rules?: Declared;
  areas?: ReadonlyMap<Area, Tree>;
  stacks?: readonly StackCodePlan[];
}

function compute({
  before = tree({}),
  after,
  applied,
  now = live(),
  rules = before,
  areas = new Map(),
  stacks = [],
}: Story): Computed {
  return computeSteps({
    stacks,
    terraform: new Map(),
    backups: new Map(),
    areas,
    playbooks: new Map(),
    ...{ difference: differenceOf(before, after), before, after, rules, operations: [], now: 0 },
    applied: applied ?? appliedAs(tree({})),
    live: new Map(now === null ? [] : [[target, now]]),
  });
}

const changes = ({ steps, refusals }: Computed) => [
  ...steps.map(({ before, after }) => `${JSON.stringify(before)} → ${JSON.stringify(after)}`),
  ...refusals.map(({ reason }) => reason),
];
const never: Applied = { version: 1, rules: '', targets: {} };

describe('what a difference of declarations leads to', () => {
  it.each<[string, Story, string[]]>([
    ['a change of memory', { after: tree({ memory: 3072 }) }, ['{"memory":2048} → {"memory":3072}']],
    ['a change that is live already', { after: tree({ memory: 3072 }), now: live(3072) }, []],
    [
      'a change that starts from what is live',
      { after: tree({ memory: 3072 }), now: live(2304) },
      ['{"memory":2304} → {"memory":3072}'],
    ],
    ['a change of tags', { after: tree({ tags: 'web' }) }, ['{"tags":"(none)"} → {"tags":"web"}']],
    [
      'a guest that is there as declared and new in the repository',
      { before: tree(undefined), after: tree({}), applied: never },
      [],
    ],
    [
      'a guest that is not there',
      { before: tree(undefined), after: tree({}), applied: never, now: null },
      ['unsupported-change'],
    ],
    ['a guest that is declared no more and runs', { after: tree(undefined) }, ['target-not-ready']],
    ['a guest that is declared no more and never was applied', { after: tree(undefined), applied: never }, []],
    ['a guest that is gone from the node', { after: tree({ memory: 3072 }), now: null }, ['target-missing']],
    [
      'tags on top of one that nobody approved',
      { before: tree({ tags: 'pushed' }), after: tree({ tags: 'pushed, web' }) },
      ['base-unapproved'],
    ],
    ['a guest that never was applied', { after: tree({ memory: 3072 }), applied: never }, ['base-unapproved']],
    [
      'a guest that never was applied, declared as it is',
      { before: tree({ memory: 4096 }), after: tree({}), applied: never },
      [],
    ],
  ])('of %s', (_, story, expected) => {
    expect(changes(compute(story))).toEqual(expected);
  });

  // As large as declared, so that its size tells it from nothing.
  const there: LiveGuest = {
    ...live(),
    rootDisk: { storage: 'local-lvm', size: 32 },
    network: { bridge: 'vmbr0', addressing: 'dhcp' },
  };
  it.each<[string, Partial<LiveGuest>]>([
    ['another disk', { rootDisk: { storage: 'local-lvm', size: 64 } }],
    ['another storage', { rootDisk: { storage: 'tank', size: 32 } }],
    ['another node', { node: 'pve2' }],
    ['another bridge', { network: { bridge: 'vmbr1', addressing: 'dhcp' } }],
    ['an address', { network: { bridge: 'vmbr0', address: '192.168.1.9/24', addressing: 'static' } }],
    ['another name', { name: 'gitea' }],
  ])('of a new file with a guest that has %s is refused', (_, over) => {
    const added = { before: tree(undefined), after: tree({}), applied: never };
    expect(changes(compute({ ...added, now: there }))).toEqual([]);
    expect(changes(compute({ ...added, now: { ...there, ...over } }))).toEqual(['unsupported-change']);
  });

  it.each<[string, Guest, Guest, Partial<LiveGuest>]>([
    ['a disk', { disk: 64 }, { disk: 48 }, { rootDisk: { storage: 'local-lvm', size: 48 } }],
    ['a tag', {}, { tags: 'web' }, { tags: ['web', 'more'] }],
  ])('of one that never was applied takes %s as it is live, and nothing else for it', (_, before, after, over) => {
    const story = { before: tree(before), after: tree(after), applied: never };
    expect(changes(compute({ ...story, now: { ...there, ...over } }))).toEqual([]);
    expect(changes(compute({ ...story, now: there }))).toEqual(['base-unapproved']);
    expect(changes(compute({ ...story, now: { ...there, ...over, name: 'gitea' } }))).toEqual(['base-unapproved']);
  });
});

describe('what nobody approved on the default branch', () => {
  // The default branch says 4096, 2048 was applied last.
  const pushed = tree({ memory: 4096 });

  it.each<[string, Story, string[]]>([
    [
      'does not ride along with another field',
      { before: pushed, after: tree({ memory: 4096, cores: 4 }) },
      ['{"cores":2} → {"cores":4}'],
    ],
    ['is not built upon', { before: pushed, after: tree({ memory: 5120 }) }, ['base-unapproved']],
    [
      'is not built upon beside another field',
      { before: pushed, after: tree({ memory: 5120, cores: 4 }) },
      ['base-unapproved'],
    ],
    ['is settled by going back to what was applied', { before: pushed, after: tree({}) }, []],
    ['is settled by declaring what is live', { before: pushed, after: tree({ memory: 3072 }), now: live(3072) }, []],
    [
      'is not settled by declaring what is nearly live',
      { before: pushed, after: tree({ memory: 3072 }), now: live(3071) },
      ['base-unapproved'],
    ],
    [
      'is not settled while the guest cannot be found',
      { before: pushed, after: tree({ memory: 3072 }), now: null },
      ['base-unapproved'],
    ],
  ])('%s', (_, story, expected) => {
    expect(changes(compute(story))).toEqual(expected);
  });

  it('is named for rules too: each file has to go back to what is in force before others change', () => {
    const file = (text: string) => tree({}, { 'policies/guests.yaml': text, 'gitmend.yaml': 'g' });
    const [inForce, unapproved] = [file('1'), file('2')];
    const on = (after: Declared) => compute({ before: unapproved, after, rules: inForce }).refusals;
    expect(on(file('3'))).toMatchObject([
      { reason: 'base-unapproved', message: expect.stringContaining('policies/guests.yaml') as string },
    ]);
    expect(on(file('1'))).toEqual([]);
    expect(
      compute({
        before: unapproved,
        after: tree({ memory: 3072 }, { 'policies/guests.yaml': '2', 'gitmend.yaml': 'g' }),
        rules: inForce,
      }).refusals,
    ).toEqual([]);
  });
});

describe('an area', () => {
  const settled = tree({}, { 'ansible/inventory.yaml': '1', 'ansible/site.yaml': '1' });
  const pushed = tree({}, { 'ansible/inventory.yaml': '1', 'ansible/site.yaml': 'pushed' });
  const reasons = (before: Declared, after: Declared) =>
    compute({ before, after, areas: new Map([['ansible', settled.tree]]) }).refusals.map(({ message }) => message);

  it('is changed from what was applied last, and from nothing else', () => {
    const more = (files: { [path: string]: string }) => tree({}, { 'ansible/inventory.yaml': '2', ...files });
    expect(reasons(settled, more({ 'ansible/site.yaml': '1' }))).toEqual([]);
    expect(reasons(pushed, more({ 'ansible/site.yaml': 'pushed' }))).toEqual([
      'ansible/site.yaml on the default branch was never applied by an approved pull request',
    ]);
    expect(reasons(pushed, more({ 'ansible/site.yaml': 'mended' }))).toHaveLength(1);
    expect(reasons(pushed, more({}))).toHaveLength(1);
    expect(reasons(pushed, more({ 'ansible/site.yaml': '1' }))).toEqual([]);
  });

  it('that the difference does not touch refuses nothing', () => {
    expect(compute({ before: pushed, after: pushed, areas: new Map() }).refusals).toEqual([]);
  });
});

describe('a difference', () => {
  const of = (more: { [path: string]: string }) => differenceOf(tree({}), tree({}, more));

  it.each([
    ['rules', { 'gitmend.yaml': 'x', 'policies/a.yaml': 'x', 'certs/ca.pem': 'x' }],
    ['other', { 'docs/a.md': 'x', 'compose/a/compose.yaml': 'x' }],
  ] as const)('tells %s from declarations', (kind, files) => {
    expect(of(files)[kind]).toEqual(Object.keys(files).sort());
  });

  it('takes a CA file for a rule wherever either side says that it is', () => {
    const config = (ca: string) =>
      `version: 1\nforge: { kind: local }\nrunner: builtin\napprovers: [a]\nclusters: [{ name: home, endpoint: "https://p:8006", ca: ${ca}, read: env:R }]\n`;
    const before = tree({}, { 'gitmend.yaml': config('keys/old.pem'), 'keys/old.pem': '1', 'keys/new.pem': '1' });
    const after = tree({}, { 'gitmend.yaml': config('keys/new.pem'), 'keys/old.pem': '2', 'keys/new.pem': '2' });
    expect(differenceOf(before, after).rules).toEqual(['gitmend.yaml', 'keys/new.pem', 'keys/old.pem']);
  });

  it('declares nothing where only words, code or a spent request change', () => {
    const spent = differenceOf(tree({}, { 'operations/x.yaml': '1' }), tree({}));
    const quiet = [of({ 'README.md': 'other' }), of({ 'stacks/main.ts': 'x' }), spent];
    expect(quiet.map((one) => declaresNothing(one, []))).toEqual([true, true, true]);
    expect(declaresNothing(of({ 'operations/x.yaml': '1' }), [])).toBe(false);
  });

  it('keeps the files of an area apart, which count where it is switched on', () => {
    const both = of({ 'stacks/main.ts': 'x', 'ansible/group_vars/all.yaml': 'x', 'ansible.cfg': 'x' });
    expect([both.areas, both.other]).toEqual([
      { ansible: ['ansible/group_vars/all.yaml'], stacks: ['stacks/main.ts'] },
      ['ansible.cfg'],
    ]);
    const alone = of({ 'ansible/site.yaml': 'x' });
    expect([[], ['stacks'], ['ansible']].map((on) => declaresNothing(alone, on as Area[]))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('names each target that must be looked at, once', () => {
    expect(targetsOf(differenceOf(tree({}), tree({ vmid: 201 })), [])).toEqual([target, 'home/lxc/201']);
  });
});

describe('stack code that changes', () => {
  const reach = { stack: 'guests', addresses: ['terraform_data.one'], removed: [], parts: [] };
  const plan = trusted(made([{ actions: ['create'], after: { input: 'x' } }]));
  const stacks: StackCodePlan[] = [{ state: 'planned', reach, guests: [], plan }];

  it('has its step after those of guests through the API', () => {
    const { steps, refusals } = compute({ after: tree({ memory: 3072 }), stacks });
    expect(refusals).toEqual([]);
    expect(steps.map(({ kind }) => kind)).toEqual(['resize-guest', 'change-stack']);
    expect(steps.at(-1)).toEqual((stackStep(stacks[0] as StackCodePlan) as unknown[])[0]);
  });

  it('may not come with what destroys a guest or takes Terraform to it: each would be planned without the other', () => {
    const stopped: LiveGuest = { ...live(), status: 'stopped' };
    const backup = { upid: 'UPID:x', at: '2026-11-20T03:00:00Z' } as never;
    const story = { before: tree({}), after: tree(undefined) };
    const result = computeSteps({
      ...{ difference: differenceOf(story.before, story.after), ...story, rules: story.before, operations: [], now: 0 },
      ...{ stacks, terraform: new Map(), areas: new Map(), playbooks: new Map(), applied: appliedAs(tree({})) },
      backups: new Map([[target, backup]]),
      live: new Map([[target, stopped]]),
    });
    expect(result.steps.map(({ kind }) => kind)).toContain('destroy-guest');
    expect(result.refusals).toMatchObject([
      { reason: 'code-with-guests', next: 'make two pull requests of it: the guest first' },
    ]);
  });

  it('that may not be planned refuses the whole', () => {
    const refused: StackCodePlan = {
      state: 'refused',
      stack: '',
      refusal: { refused: true, reason: 'stack-code-fails', message: 'm', next: '' },
    };
    expect(changes(compute({ after: tree({}), stacks: [refused] }))).toEqual(['stack-code-fails']);
  });
});
