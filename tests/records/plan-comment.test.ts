import { describe, expect, it } from 'vitest';
import { refusal } from '../../src/core/change-set.ts';
import { short } from '../../src/core/json.ts';
import { parsePlanComment, planMarker, printPlanComment, sameComment } from '../../src/records/plan-comment.ts';
import { mostSteps } from '../../src/records/plan-room.ts';
import type { VerificationPlan } from '../../src/core/plan.ts';
import { parsePlanRecord, printPlanRecord, recordDigest } from '../../src/records/plan-record.ts';
import { destroys, hex, oneApproval, planRecord, resize, restarts, sha, waits } from './examples.ts';
import { expectGolden } from './golden.ts';

describe('a plan comment, as people read it', () => {
  it('says in the heading that nothing is destroyed and nothing reboots', () => {
    expectGolden('plan.md', printPlanComment(planRecord()));
  });

  it('names what reboots in the heading and first in the table', () => {
    const record = planRecord({
      steps: [resize, waits, restarts],
      remedy: '',
      policy: { ...oneApproval, level: 'approve-2', rule: 'critical guests', needs: 2, eligible: ['ann', 'ben'] },
    });
    expectGolden('plan-reboot.md', printPlanComment(record));
  });

  it('names what is destroyed and cannot be undone before everything else', () => {
    const text = printPlanComment(planRecord({ steps: [resize, destroys] }));
    expectGolden('plan-destroys.md', text);
    expect(text.split('\n')[2]).toMatch(/: destroys scratch \(cannot be undone\), 2 changes, no reboot$/);
  });

  it('says a refusal first, and that merging applies nothing', () => {
    const refusals = [
      refusal(
        'base-unapproved',
        'memory of postgres on the default branch was never applied by an approved pull request',
        'first settle it: gitmend status shows the ways out for home/lxc/200',
      ),
      refusal(
        'no-rule',
        'no rule in policies/ decides about resize-guest of postgres',
        'maintainer may allow it with a pull request that adds a rule to policies/',
      ),
    ];
    expectGolden(
      'plan-refused.md',
      printPlanComment(planRecord({ refusals, preview: { accepted: false, notes: [] } })),
    );
    expectGolden('plan-refused-no-steps.md', printPlanComment(planRecord({ refusals, steps: [] })));
  });

  it('says what merging means where no step follows', () => {
    const quiet = { steps: [], synthesized: [], verification: { ...planRecord().verification, window: 0 } };
    expectGolden('plan-accept.md', printPlanComment(planRecord({ ...quiet, remedy: 'accept' })));
    expectGolden(
      'plan-rules.md',
      printPlanComment(
        planRecord({
          ...quiet,
          remedy: '',
          policy: { ...oneApproval, rule: 'change of the rules' },
          notes: ['These are rules, in force once this is merged as approved: policies/guests.yaml'],
        }),
      ),
    );
    expectGolden(
      'plan-other.md',
      printPlanComment(planRecord({ ...quiet, remedy: '', notes: ['Nothing is applied from: README.md'] })),
    );
    expectGolden('plan-nothing.md', printPlanComment(planRecord({ ...quiet, remedy: '' })));
  });

  it('names an operation that merging would request', () => {
    const id = '01KA4Q7Z0000000000000000AB';
    expectGolden('plan-operation.md', printPlanComment(planRecord({ operations: [id], remedy: 'apply-declared' })));
  });

  it('says when no alert is asked, when the dry run is refused, and who merges by itself', () => {
    const { signal, ...verification } = planRecord().verification;
    expect(signal).toBeDefined();
    const record = planRecord({
      verification: { ...verification, window: 5, watch: 0, words: 'it runs and stays as declared' },
      policy: { ...oneApproval, level: 'auto', needs: 0 },
      preview: { accepted: false, notes: ['locked (backup) on pve1'] },
      tools: {},
      synthesized: [],
    });
    expectGolden('plan-auto.md', printPlanComment(record));
  });
});

describe('what happens afterwards, as a plan comment says it', () => {
  const afterwards = (changes: Partial<VerificationPlan>, without: (keyof VerificationPlan)[] = []) => {
    const verification = { ...planRecord().verification, ...changes };
    for (const key of without) Reflect.deleteProperty(verification, key);
    const text = printPlanComment(planRecord({ verification }));
    return text.split('\n').find((line) => line.startsWith('**Afterwards:**')) ?? '';
  };

  it('names what no source here shows', () => {
    const words = 'usage stays under 90 %, stalls under 10 %, and the alert resolves';
    expect(afterwards({ words, notObserved: ['kills for lack of memory', 'swapping in'] })).toBe(
      '**Afterwards:** verified when for 10 minutes usage stays under 90 %, stalls under 10 %, and the alert resolves; the alert is watched for 24 hours afterwards. Otherwise the way back is proposed, if it is safe then. Not observed, because no source here shows it: kills for lack of memory and swapping in.',
    );
  });

  it('watches nothing where there is no alert to watch, and says which alert is not asked', () => {
    const none = afterwards({}, ['signal']);
    expect(none).toContain('No alert is asked: this pull request answers none.');
    const nobody = afterwards({ alert: 'not-asked' });
    expect(nobody).toContain('No alert is asked: no Alertmanager is configured.');
    for (const line of [none, nobody, afterwards({ watch: 0 })]) expect(line).not.toContain('watched');
    expect(afterwards({})).not.toContain('No alert');
  });

  it('is printed of a record that an older gitmend wrote', () => {
    const { inForce, ...old } = planRecord();
    expect(inForce).toBeDefined();
    const read = parsePlanRecord(printPlanRecord(old));
    expect(read).toMatchObject({ ok: true, value: old });
    expect(printPlanComment(old)).not.toContain('config digest');
  });
});

describe('a plan comment, read back', () => {
  it('holds what was printed', () => {
    const record = planRecord();
    expect(parsePlanComment(printPlanComment(record))).toEqual({
      recordShort: short(recordDigest(record)),
      actions: record.actions,
      expiresAt: '2026-11-21T03:34:00Z',
      head: hex('1', 40),
      base: hex('2', 40),
    });
  });

  it('is the same comment whatever a forge does to line ends and trailing blanks, and no other', () => {
    const text = printPlanComment(planRecord());
    const mangled = `${text.replaceAll('\n', ' \r\n')}\r\n\r\n`;
    expect(sameComment(text, mangled)).toBe(true);
    expect(parsePlanComment(mangled)).toEqual(parsePlanComment(text));
    expect(sameComment(text, text.replace('3072', '3073'))).toBe(false);
    expect(sameComment(text, text.replace('approves exactly', 'approves  exactly'))).toBe(false);
  });

  it('differs for every value that an approval binds', () => {
    const text = printPlanComment(planRecord());
    const others = [
      planRecord({ steps: [{ ...resize, after: { memory: 4096 } }] }),
      planRecord({ steps: [{ ...resize, target: 'home/lxc/201' }] }),
      planRecord({ steps: [{ ...resize, action: { kind: 'set-guest-config', set: { memory: 4096 } } }] }),
      planRecord({ head: hex('f', 40) }),
      planRecord({ rules: hex('f', 40) }),
      planRecord({ inForce: { config: sha('f'), policies: sha('6') } }),
      planRecord({ inForce: { config: sha('5'), policies: sha('f') } }),
      planRecord({ expiresAt: '2026-12-21T03:34:12Z' }),
    ];
    for (const other of others) expect(sameComment(text, printPlanComment(other))).toBe(false);
  });

  it.each([
    ['nothing', ''],
    ['a comment of a person', 'Looks good to me.'],
    ['a marker alone', planMarker],
    ['a marker that is not first', `hello\n${printPlanComment(planRecord())}`],
    ['a plan without its binding', printPlanComment(planRecord()).split('<details>')[0] ?? ''],
  ])('is not found in %s', (_, text) => {
    expect(parsePlanComment(text)).toBeUndefined();
  });
});

describe('a plan of as many steps as are taken', () => {
  it('says how many notes and refusals are left out', () => {
    const many = (count: number) => Array.from({ length: count }, (_, at) => `note ${at}`);
    expect(printPlanComment(planRecord({ notes: many(15) }))).toContain('- note 11.\n- and 3 more\n');
    const refusals = many(17).map((message) => refusal('declaration-invalid', message));
    expect(printPlanComment(planRecord({ refusals }))).toContain('note 14.\n- and 2 more\n');
  });

  it('fits into what GitHub takes as one comment', () => {
    const long = {
      ...resize,
      name: 'n'.repeat(63),
      where: `lxc/999999999 on ${'n'.repeat(63)}`,
      live: false,
      inverse: 'irreversible' as const,
    };
    const steps = Array.from({ length: mostSteps }, (_, at) => ({ ...long, target: `home/lxc/${100 + at}` }));
    const record = planRecord({
      steps,
      synthesized: Array.from({ length: 500 }, () => 'x'.repeat(400)),
      notes: Array.from({ length: 10 }, () => '@'.repeat(900)),
    });
    expect(printPlanComment(record).length).toBeLessThan(65_536);
  });
});
