import { describe, expect, it } from 'vitest';
import {
  actionsOf,
  againstPlan,
  hostsOf,
  judge,
  linesOf,
  planOf,
  readEvents,
  secretsOf,
  summaryOf,
  widerPlan,
} from '../../src/ansible/index.ts';
import type { AnsiblePlan } from '../../src/core/ansible.ts';
import { canonical } from '../../src/core/json.ts';
import { playbook, tasks, treeWith } from './examples.ts';

const folder = '/run/tree';

type Fields = { [name: string]: unknown };

function result(line: number, fields: Fields = {}): Fields {
  const path = `${folder}/${playbook}:${line}`;
  return {
    ...{
      event: 'result',
      status: 'ok',
      play: 'Web',
      host: 'one',
      task: 'shown by Ansible',
      path,
      module: 'ansible.builtin.copy',
    },
    ...{ handler: false, changed: false, loop: false, isItem: false, item: null, hidden: false, ignored: false },
    ...{ condition: '', message: '', target: '', diff: [] },
    ...fields,
  };
}

const skipped = {
  status: 'skipped',
  module: 'ansible.builtin.command',
  message: 'Command would have run if not in check mode',
};

const text = `- name: Look {{ port }}
  ansible.builtin.command: id
  register: said
- name: Note
  ansible.builtin.set_fact: { noted: "{{ said.stdout }}" }
- block:
    - name: Inside
      ansible.builtin.copy: { dest: /a, content: x }
      notify: [Restart]
  when: noted == 'x'
- name: Apart
  ansible.builtin.copy: { dest: /b, content: y }
- name: Show
  ansible.builtin.debug: { var: said }`;

function planFrom(
  results: Fields[],
  more: { mode?: 'check' | 'apply'; failures?: number; secrets?: string[]; hosts?: Fields } = {},
): AnsiblePlan {
  const tree = treeWith(tasks(text));
  const { tasks: facts } = judge({ tree, before: tree, playbook }, { collections: [], environment: [] });
  const host = { name: 'one', groups: ['all', 'web'], address: '10.0.0.1', port: '', user: 'ops', ...more.hosts };
  const lines = [
    { event: 'start', core: '2.14.18', collections: { 'community.general': { version: '6.6.2', files: 'ab' } } },
    { event: 'play', play: 'Web', hosts: [host] },
    ...results,
    { event: 'end', hosts: { one: { failures: more.failures ?? 0, ok: 1 } } },
  ];
  const read = readEvents(lines.map((line) => JSON.stringify(line)).join('\n'));
  if (!read.ok) throw new Error(read.why);
  const secrets = secretsOf(more.secrets ?? [], []);
  return planOf(read.run, { playbook, mode: more.mode ?? 'check', folder, tasks: facts, secrets });
}

describe('a plan is what a run told', () => {
  it('names tasks as they are written, and follows what is not known', () => {
    const plan = planFrom([
      result(3, skipped),
      result(6, { module: 'ansible.builtin.set_fact' }),
      result(9, { status: 'skipped', condition: 'Conditional result was False' }),
      result(13, { changed: true, diff: [{ name: '/b', lines: ['@@ -0,0 +1 @@', '+y'] }] }),
      result(15, { module: 'ansible.builtin.debug' }),
    ]);
    expect(plan.hosts).toMatchObject([
      {
        host: 'one',
        unchanged: 0,
        unpredicted: [
          { task: 'Look {{ port }}', why: 'it runs a command, which check mode does not run' },
          { task: 'Inside', why: 'it goes by what ‘Note’ would have said, which was not run; it may notify Restart' },
        ],
        changes: [{ task: 'Apart', diff: ['--- /b', '@@ -0,0 +1 @@', '+y'], cut: 0, hidden: false }],
      },
    ]);
    expect(linesOf(plan)).toMatchInlineSnapshot(`
      [
        "ansible/playbooks/site.yaml: 1 of 1 host, 1 change, 2 tasks that check mode cannot predict",
        "one",
        "  changes: Apart (ansible.builtin.copy)",
        "    --- /b",
        "    @@ -0,0 +1 @@",
        "    +y",
        "  not known: Look {{ port }} (ansible.builtin.command): it runs a command, which check mode does not run",
        "  not known: Inside (ansible.builtin.copy): it goes by what ‘Note’ would have said, which was not run; it may notify Restart",
      ]
    `);
  });

  it('of an apply nothing is unknown', () => {
    const plan = planFrom(
      [result(3, { changed: true, module: 'ansible.builtin.command' }), result(9, { changed: true })],
      { mode: 'apply' },
    );
    expect(plan.hosts[0]).toMatchObject({
      unpredicted: [],
      changes: [{ task: 'Look {{ port }}' }, { task: 'Inside' }],
    });
  });

  it('says what fails and what is not reached, and that stands against applying it', () => {
    const failed = planFrom([result(13, { status: 'failed', message: 'no\nspace' })], { failures: 1 });
    expect(failed.hosts[0]?.failed).toEqual({ task: 'Apart', why: 'no space' });
    expect(againstPlan(failed)).toEqual(['on one the task ‘Apart’ fails: no space']);
    const gone = planFrom([result(13, { status: 'unreachable', message: 'Connection refused' })]);
    expect(againstPlan(gone)).toEqual(['one could not be reached: Connection refused']);
    const unknown = planFrom([result(3, skipped), result(15, { status: 'failed', message: 'undefined' })], {
      failures: 1,
    });
    expect(unknown.hosts[0]?.failed?.why).toBe(
      'it goes by what ‘Look {{ port }}’ would have said, which was not run: undefined',
    );
  });

  it('what was rescued or ignored is no failure', () => {
    expect(planFrom([result(13, { status: 'failed' })]).hosts[0]?.failed).toBeUndefined();
    expect(
      planFrom([result(13, { status: 'failed', ignored: true })], { failures: 1 }).hosts[0]?.failed,
    ).toBeUndefined();
  });

  it('a task with no_log is named and not shown', () => {
    const plan = planFrom([result(13, { changed: true, hidden: true })]);
    expect(linesOf(plan)).toContain('  changes: Apart (ansible.builtin.copy), not shown (no_log)');
  });

  it('a loop is its items', () => {
    const plan = planFrom([
      result(13, { changed: true, isItem: true, item: 'a' }),
      result(13, { isItem: true, item: 'b' }),
      result(13, { changed: true, loop: true }),
    ]);
    expect(plan.hosts[0]?.changes.map(({ item }) => item)).toEqual(['a']);
    expect(plan.hosts[0]?.unchanged).toBe(1);
  });

  it('a long difference is cut, and still another one where its end differs', () => {
    const long = (last: string): AnsiblePlan =>
      planFrom([result(13, { changed: true, diff: [{ name: '', lines: [...Array<string>(300).fill('+x'), last] }] })]);
    expect(long('+a').hosts[0]?.changes[0]).toMatchObject({ cut: 101 });
    expect(long('+a').hosts[0]?.changes[0]?.diff).toEqual(long('+b').hosts[0]?.changes[0]?.diff);
    expect(canonical(actionsOf(long('+a')))).not.toBe(canonical(actionsOf(long('+b'))));
  });

  it('nothing that moves a cursor is left', () => {
    const plan = planFrom([result(13, { changed: true, diff: [{ name: '', lines: ['+a\u001b[2Jb\u202ec'] }] })]);
    expect(plan.hosts[0]?.changes[0]?.diff).toEqual(['+a�[2Jb�c']);
  });

  it.each([
    ['no JSON', 'x'],
    ['another shape', '{"event":"result","host":1}'],
    ['another event', '{"event":"evil"}'],
    ['nothing', ''],
  ])('%s is not read', (_, lines) => {
    expect(readEvents(lines).ok).toBe(false);
  });
});

describe('what an approval binds', () => {
  const one = (fields: Fields = {}, hosts: Fields = {}): AnsiblePlan =>
    planFrom([result(13, { changed: true, diff: [{ name: '', lines: ['+y'] }], ...fields })], { hosts });

  it('the same is the same, whenever and however much stays as it is', () => {
    const more = planFrom([result(9), result(13, { changed: true, diff: [{ name: '', lines: ['+y'] }] })]);
    expect(canonical(actionsOf(more))).toBe(canonical(actionsOf(one())));
    expect(widerPlan(one(), more)).toEqual([]);
  });

  it.each([
    ['another difference', { diff: [{ name: '', lines: ['+z'] }] }],
    ['another item', { item: 'b' }],
    ['hidden', { hidden: true }],
    ['nothing', { changed: false }],
    ['a failure', { status: 'unreachable' }],
    ['unknown', skipped],
  ])('%s is something else', (_, fields) => {
    expect(canonical(actionsOf(one(fields)))).not.toBe(canonical(actionsOf(one())));
    expect(widerPlan(one(), one(fields))).toEqual(['on one something else would be done than was shown']);
  });

  it('another address, group or user of a host makes it stale', () => {
    for (const hosts of [{ address: '10.0.0.2' }, { groups: ['all'] }, { user: 'root' }, { port: '2222' }]) {
      expect(one({}, hosts).stale).not.toBe(one().stale);
      expect(widerPlan(one(), one({}, hosts))).toEqual([
        'the inventory, a collection or Ansible itself is another than was shown',
      ]);
    }
  });

  it('a host where nothing happens is not among those that an apply is limited to', () => {
    expect(hostsOf(one())).toEqual(['one']);
    expect(hostsOf(one({ changed: false }))).toEqual([]);
    expect(summaryOf(one({ changed: false }))).toBe('ansible/playbooks/site.yaml: nothing to do on 1 host');
  });
});

describe('secrets', () => {
  it.each([
    ['as it is', '+key=hunter22horse', '+key=(sensitive)'],
    ['in base64', `+k: ${Buffer.from('hunter22horse').toString('base64')}`, '+k: (sensitive)=='],
    ['by the name of its line', '+  db_password: "x"', '+  db_password: (sensitive)'],
    ['in JSON', '+ "api_token": "abc",', '+ "api_token": (sensitive)'],
    ['by its shape', '+x ghp_abcdefghijklmnop1234', '+(not shown: it looks like a secret)'],
    ['not at all', '+workers = 4', '+workers = 4'],
  ])('%s', (_, line, shown) => {
    expect(secretsOf(['hunter22horse'], []).lines([line])).toEqual([shown]);
  });

  it('a private key hides the whole difference, and each line of a long secret is one', () => {
    const lines = ['+-----BEGIN OPENSSH PRIVATE KEY-----', '+b3BlbnNz'];
    expect(secretsOf([], []).lines(lines)).toEqual(['(not shown: it holds a private key)']);
    expect(secretsOf(['first line\nsecond line'], []).lines(['+x second line'])).toEqual(['+x (sensitive)']);
  });
});
