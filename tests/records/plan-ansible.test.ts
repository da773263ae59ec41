import { describe, expect, it } from 'vitest';
import { refusal } from '../../src/core/change-set.ts';
import { actionsDigest } from '../../src/core/step.ts';
import { printPlanComment, printWholePlan } from '../../src/records/plan-comment.ts';
import { parsePlanRecord, printPlanRecord } from '../../src/records/plan-record.ts';
import { ansibleRecord, changing, chrony, hostPlan, sitePlan, vacuum } from './ansible-examples.ts';
import { resize } from './examples.ts';
import { expectGolden } from './golden.ts';

describe('what Ansible would do, as people read it', () => {
  it('says by host what changes, folded where hosts change alike, and first what nobody can predict', () => {
    expectGolden('plan-ansible.md', printPlanComment(ansibleRecord([sitePlan()])));
  });

  it('stands beside the change of a guest', () => {
    const record = ansibleRecord([sitePlan({ hosts: [hostPlan('postgres', { changes: [chrony] })] })]);
    const text = printPlanComment({ ...record, steps: [resize, ...record.steps] });
    expect(text).toContain('| 1 | postgres (lxc/200) | memory 2048 → 3072 MiB |');
    expect(text).toContain('| 2 | site (ansible/playbooks/site.yaml) | on postgres: 1 task changes | Ansible |');
    expect(text.split('\n')[2]).toMatch(/: 2 changes$/);
  });

  it('names what does not answer, and applies nothing', () => {
    const plan = sitePlan({
      hosts: [hostPlan('frigate'), hostPlan('gitea', { changes: [], unreachable: 'timed out' })],
    });
    const record = ansibleRecord([], {
      ansible: [{ target: 'ansible/site', plan }],
      refusals: [refusal('ansible-unreachable', 'ansible/playbooks/site.yaml does not reach gitea (timed out)', 'x')],
    });
    const text = printPlanComment({ ...record, steps: [] });
    expect(text).toContain('**gitea does not answer**');
    expect(text).toContain('refused, merging applies nothing');
  });

  it('says in the heading that a host is restarted, where a task does that', () => {
    const reboot = changing({ ...chrony, task: 'Reboot', module: 'ansible.builtin.reboot', diff: [] });
    const record = ansibleRecord([sitePlan({ hosts: [hostPlan('frigate', { changes: [reboot] })] })]);
    expect(printPlanComment(record).split('\n')[2]).toMatch(/: reboots hosts of site, 1 change$/);
    expect(printPlanComment(record)).toContain('| it is down meanwhile, Ansible |');
  });

  it('says what it leaves out, and keeps it in the whole text', () => {
    const lines = Array.from({ length: 200 }, (_, at) => `+line ${at}`);
    const hosts = Array.from({ length: 30 }, (_, at) =>
      hostPlan(`host-${String(at).padStart(2, '0')}`, {
        changes: [changing({ ...chrony, diff: [`+${at}`, ...lines] })],
      }),
    );
    const record = ansibleRecord([sitePlan({ hosts })]);
    const text = printPlanComment(record);
    expect(text).toContain('Left out: some of what Ansible would change');
    expect(text).not.toContain('+line 199');
    expect(printWholePlan(record)).toContain('+line 199');
    expect(printWholePlan(record)).not.toContain('Left out');
    expect(text.length).toBeLessThan(65_536);
  });

  it('lets no task and no diff write Markdown of its own', () => {
    const hostile = changing({ ...chrony, task: '</details> @all <!-- x -->', diff: ['```', '</details>'] });
    const text = printPlanComment(ansibleRecord([sitePlan({ hosts: [hostPlan('web', { changes: [hostile] })] })]));
    expect(text).not.toContain('@all');
    expect(text.match(/^<\/details>/gm)).toHaveLength(3);
    expect(text).toContain('````diff\n```\n</details>\n````');
  });

  it('is read back from its record, and not where it shows what its step does not bind', () => {
    const record = ansibleRecord([sitePlan()]);
    expect(parsePlanRecord(printPlanRecord(record))).toEqual({ ok: true, value: record, warnings: [] });
    const [shown] = record.ansible ?? [];
    const other = {
      ...record,
      ansible: [{ target: 'ansible/site', plan: { ...sitePlan(), hosts: [hostPlan('web')] } }],
    };
    const stale = {
      ...record,
      ansible: [{ ...shown, target: 'ansible/site', plan: sitePlan({ stale: resize.preState }) }],
    };
    const diff = { ...chrony, diff: chrony.diff.map((line) => line.replace('1.24', '1.25')) };
    const shows = {
      ...sitePlan(),
      hosts: sitePlan().hosts.map((one) => ({ ...one, changes: one.changes.map((c) => (c === chrony ? diff : c)) })),
    };
    const redrawn = { ...record, ansible: [{ target: 'ansible/site', plan: shows }] };
    for (const forged of [redrawn, other, stale, { ...record, ansible: [] }])
      expect(parsePlanRecord(printPlanRecord(forged))).toMatchObject({ ok: false });
  });

  it('binds each task that nobody can predict', () => {
    const with2 = ansibleRecord([sitePlan({ hosts: [hostPlan('db', { unpredicted: [vacuum] })] })]);
    const without = ansibleRecord([sitePlan({ hosts: [hostPlan('db')] })]);
    expect(actionsDigest(with2.steps)).not.toBe(actionsDigest(without.steps));
  });
});
