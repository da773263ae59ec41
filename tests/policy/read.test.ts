import { describe, expect, it } from 'vitest';
import { printFault } from '../../src/core/fault.ts';
import { readPolicies } from '../../src/policy/index.ts';
import { policies, tree, usual } from './fixtures.ts';

const faults = (yaml: string) => {
  const read = readPolicies(tree({ 'policies/guests.yaml': yaml }));
  return read.ok ? [] : read.faults.map(printFault);
};

describe('policies, read', () => {
  it('hold rules in the order in which they are asked, with seconds and milliseconds', () => {
    expect(
      usual.rules.map(({ name, file, level, expires, cooldown }) => ({ name, file, level, expires, cooldown })),
    ).toEqual([
      {
        name: 'critical guests need two people',
        file: 'policies/guests.yaml',
        level: 'approve-2',
        expires: 86_400,
        cooldown: 0,
      },
      { name: 'guests', file: 'policies/guests.yaml', level: 'approve', expires: 86_400, cooldown: 1800 },
    ]);
    expect(usual.rules[1]?.when).toEqual({ step: ['resize-guest', 'restart-lxc'], target: {} });
  });

  it('go file by file in the order of names, and the smallest of several limits holds', () => {
    const rule = (name: string) => `rules: [{ name: ${name}, when: { step: resize-guest }, level: approve }]`;
    const read = readPolicies(
      tree({
        'policies/b.yaml': `version: 1\n${rule('second')}\nlimits: { overcommit: 1.5, perHour: 3, openPullRequests: 9 }`,
        'policies/a.yml': `version: 1\n${rule('first')}\nlimits: { overcommit: 1.2, openPullRequests: 4 }`,
        'guests/web.yaml': 'name: web',
      }),
    );
    expect(read.ok && read.value.rules.map(({ name }) => name)).toEqual(['first', 'second']);
    expect(read.ok && read.value.limits).toEqual({ overcommit: 1.2, perHour: 3, openPullRequests: 4 });
  });

  it('overcommit nothing where no file says so', () => {
    expect(usual.limits).toEqual({ overcommit: 1 });
    expect(policies('limits: { overcommit: 1.5 }').limits.overcommit).toBe(1.5);
  });

  it('read a freeze by days, its last day included, or by times', () => {
    const { freezes } = policies(`freezes:
  - { name: holidays, from: 2026-12-24, to: 2027-01-02 }
  - { name: move, from: 2026-11-20T18:00Z, to: "2026-11-20T23:30:00Z" }`);
    expect(freezes.map(({ from, to }) => [new Date(from).toISOString(), new Date(to).toISOString()])).toEqual([
      ['2026-12-24T00:00:00.000Z', '2027-01-03T00:00:00.000Z'],
      ['2026-11-20T18:00:00.000Z', '2026-11-20T23:30:00.000Z'],
    ]);
  });

  it('warn, and are no fault, where there are none', () => {
    for (const files of [{}, { 'policies/empty.yaml': 'version: 1\n' }]) {
      const read = readPolicies(tree(files));
      expect(read.ok && read.value.rules).toEqual([]);
      expect(read.ok && read.warnings.map(printFault)).toEqual([
        'policies/ holds no rule, so nothing will be applied; take the default ones from the template',
      ]);
    }
  });
});

describe('policies with faults', () => {
  it('name every fault of every file at once, with line, field and mend', () => {
    const text = `version: 1
rules:
  - name: guests
    when: { step: resize-gest, target: { tag: [critical] } }
    level: aprove
    expires: tomorrow
    window: { days: [mon, freitag], from: 8am, to: "17:00" }
    bounds: { memory: { min: 4096, max: 512 } }
  - name: guests
    when: { step: [] }
    level: approve-2
    by: maintainer
freezes:
  - { name: holidays, from: 2026-12-24, to: 2026-12-01 }
  - { name: never, from: 2026-02-31, to: soon }
limits: { overcommit: 9 }
`;
    const read = readPolicies(
      tree({
        'policies/guests.yaml': text,
        'policies/old.yaml': 'version: 2\n',
        'policies/sub/more.yaml': 'version: 1\n',
      }),
    );
    expect(read.ok ? [] : read.faults.map(printFault)).toEqual([
      'policies/guests.yaml:4:19 rules[0].when.step: resize-gest is not a kind of step; did you mean resize-guest?',
      'policies/guests.yaml:4:42 rules[0].when.target.tag: is not a known field; did you mean tags?',
      'policies/guests.yaml:5:12 rules[0].level: aprove is not a level; did you mean approve?',
      'policies/guests.yaml:6:14 rules[0].expires: tomorrow is not a duration; write 30m, 24h or 7d',
      expect.stringMatching(
        /^policies\/guests.yaml:7:27 rules\[0\]\.window\.days\[1\]: freitag is not sun, mon/,
      ) as string,
      'policies/guests.yaml:7:43 rules[0].window.from: 8am is not a time of day; write "22:00", in UTC',
      'policies/guests.yaml:8:23 rules[0].bounds.memory: min is greater than max; swap them',
      'policies/guests.yaml:9:11 rules[1].name: is also the name of the rule at policies/guests.yaml:3; give each rule its own name',
      expect.stringMatching(
        /^policies\/guests.yaml:10:19 rules\[1\]\.when\.step: names no step; write resize-guest, /,
      ) as string,
      'policies/guests.yaml:12:9 rules[1].by: maintainer is not a list; did you mean [maintainer]?',
      'policies/guests.yaml:14:5 freezes[0]: ends before it begins; swap from and to',
      'policies/guests.yaml:15:26 freezes[1].from: 2026-02-31 is not a day; write 2026-12-24, or 2026-12-24T18:00Z',
      'policies/guests.yaml:15:42 freezes[1].to: soon is not a day; write 2026-12-24, or 2026-12-24T18:00Z',
      'policies/guests.yaml:16:23 limits.overcommit: 9 is more than 4',
      'policies/old.yaml:1:10 version: 2 is not a version that this gitmend reads; write version: 1',
      'policies/sub/more.yaml is not read: rules are policies/<name>.yaml; move it to policies/more.yaml',
    ]);
  });

  it.each([
    [
      'a rule that says neither what nor how much',
      'rules: [{ name: x }]',
      ['rules[0].when: is missing', 'rules[0].level: is missing'],
    ],
    [
      'a level that counts to ten',
      'rules: [{ name: x, when: { step: resize-guest }, level: approve-10 }]',
      ['approve-10 is not a level'],
    ],
    ['a list of levels', 'rules: [{ name: x, when: { step: resize-guest }, level: [approve] }]', ['is not a level']],
    [
      'a step of another list',
      'rules: [{ name: x, when: { step: [resize-guest, restart-lcx] }, level: approve }]',
      ['restart-lcx is not a kind of step; did you mean restart-lxc?'],
    ],
    ['rules that are no list', 'rules: { a: 1 }', ['not a list']],
    ['a rule that is nothing', 'rules: [null]', ['is empty']],
  ])('name what is wrong with %s', (_, yaml, problems) => {
    const found = faults(`version: 1\n${yaml}\n`).join('\n');
    for (const problem of problems) expect(found).toContain(problem);
  });
});
