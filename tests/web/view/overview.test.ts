import { describe, expect, it } from 'vitest';
import type { PullRequest } from '../../../src/forges/forge.ts';
import type { JournalEntry, RunRecord } from '../../../src/core/run.ts';
import { runId } from '../../../src/core/run.ts';
import type { JudgedUnit } from '../../../src/deliver/truth.ts';
import { printPullRequest } from '../../../src/records/pull-request.ts';
import { overviewOf } from '../../../src/web/view/overview.ts';
import type { Picture, Viewer } from '../../../src/web/view/picture.ts';
import { diagnosis, hex, oneApproval, planRecord, runRecord } from '../../records/examples.ts';
import { picture, truthWith } from './pictures.ts';

const now = Date.parse('2026-11-20T04:00:00Z');
const maintainer: Viewer = { name: 'maintainer', role: 'approver' };
const pr: PullRequest = {
  number: 42,
  title: 'postgres: memory 2048 → 3072 MiB',
  body: printPullRequest(diagnosis, { policy: oneApproval }),
  author: 'gitmend',
  branch: 'x',
  base: 'main',
  head: hex('1', 40),
  state: 'open',
  createdAt: '2026-11-20T03:34:00Z',
  updatedAt: '2026-11-20T03:34:00Z',
  fork: false,
};
const open: Picture['open'] = [{ pr, plan: planRecord(), waiting: undefined }];
const merged: PullRequest = {
  ...pr,
  state: 'merged',
  mergedAt: '2026-11-20T03:41:00Z',
  mergedBy: 'maintainer',
  mergeCommit: hex('9', 40),
};
const unit = {
  from: hex('2', 40),
  to: hex('9', 40),
  difference: {
    fields: new Map(),
    added: [],
    removed: [],
    rules: [],
    areas: { ansible: [], stacks: [] },
    other: [],
    operations: { added: [], edited: [], deleted: [] },
  },
  operations: [],
  treeMatches: true,
  areas: [],
  pullRequest: merged,
  approval: { approved: true, plan: planRecord(), planCommit: '', approvedBy: ['maintainer'], mergedBy: 'maintainer' },
} as unknown as JudgedUnit;
const run = runId(hex('9', 40), planRecord().actions);
const overview = (changes: Partial<Picture>, viewer = maintainer) =>
  overviewOf(picture({ truth: truthWith({}), ...changes }), viewer, now);

describe('the overview', () => {
  it('is calm where all is as declared', () => {
    expect(overview({})).toMatchObject({
      tone: 'calm',
      headline: 'All is as declared',
      needs: [],
      incidents: [],
      log: [],
    });
  });

  it('says that it looks for the first time', () => {
    expect(overviewOf(picture(), maintainer, now)).toMatchObject({
      tone: 'starting',
      headline: 'Looking for the first time',
    });
  });

  it('says first what stops it from looking', () => {
    const problem = { code: 'PVE_UNREACHABLE', message: 'pve1 did not answer', next: 'check', at: '', since: '' };
    expect(overview({ problem, open })).toMatchObject({
      tone: 'trouble',
      headline: 'gitmend cannot look now',
      needs: [{ key: 'problem-PVE_UNREACHABLE' }, { key: 'pull-42' }],
    });
  });

  it('asks who may approve, and shows it to the others', () => {
    expect(overview({ open })).toMatchObject({
      headline: '1 thing needs you',
      needs: [
        {
          title: '#42 postgres: memory 2048 → 3072 MiB',
          link: '/pull/42',
          next: '1 change. Merging approves it.',
          asked: 'Read and decide',
        },
      ],
      open: [],
    });
    for (const viewer of [
      { name: 'maintainer', role: 'reader' },
      { name: 'ann', role: 'approver' },
    ] as const)
      expect(overview({ open }, viewer)).toMatchObject({
        headline: '1 pull request is open, nothing needs you',
        needs: [],
        open: [{ key: 'pull-42' }],
      });
  });

  it('asks the author about a refused plan', () => {
    const refusal = {
      refused: true as const,
      reason: 'base-unapproved',
      message: 'memory was never applied',
      next: '',
    };
    const refused: Picture['open'] = [
      { pr: { ...pr, author: 'maintainer' }, plan: planRecord({ refusals: [refusal] }), waiting: undefined },
    ];
    expect(overview({ open: refused }).needs).toMatchObject([
      { chip: { word: 'refused', tone: 'bad' }, next: 'memory was never applied' },
    ]);
  });

  it.each<[string, Viewer, boolean]>([
    [pr.body, maintainer, true],
    [pr.body, { name: 'visitor', role: 'reader' }, false],
    ['memory by hand', maintainer, false],
  ])('asks who approves about a refused plan of its own pull request only (%#)', (body, viewer, asked) => {
    const refusal = { refused: true as const, reason: 'target-not-ready', message: 'locked', next: '' } as const;
    const plan = planRecord({ refusals: [refusal] });
    const refused: Picture['open'] = [{ pr: { ...pr, author: 'someone-else', body }, plan, waiting: undefined }];
    const view = overview({ open: refused }, viewer);
    expect([view.needs.length, view.open.length]).toEqual(asked ? [1, 0] : [0, 1]);
  });

  it('asks nobody while a plan is made, or waits', () => {
    expect(overview({ open: [{ pr, plan: undefined, waiting: undefined }] })).toMatchObject({
      needs: [],
      open: [{ chip: { word: 'being planned' } }],
    });
    expect(overview({ open: [{ pr, plan: planRecord(), waiting: '#41 is not applied yet' }] })).toMatchObject({
      needs: [],
      open: [{ next: 'It waits: #41 is not applied yet.' }],
    });
  });

  it('shows what is merged and not applied', () => {
    const view = overview({ truth: truthWith({ units: [unit] }) });
    expect(view).toMatchObject({
      headline: '1 change is on the way, nothing needs you',
      pending: [{ title: '#42 postgres: memory 2048 → 3072 MiB', link: `/runs/${run}` }],
      verifying: [],
    });
  });

  it('shows what is being verified, and how far it is', () => {
    const entries: JournalEntry[] = [
      { kind: 'verifying', from: '2026-11-20T03:55:00Z', until: '2026-11-20T04:05:00Z', at: '2026-11-20T03:55:00Z' },
      { kind: 'look', state: 'holds', why: 'usage is 64 %', observed: { usage: 0.64 }, at: '2026-11-20T03:56:00Z' },
    ];
    const { verifying, pending } = overview({
      truth: truthWith({ units: [unit], journals: [{ run, tip: '', entries }] }),
    });
    expect(pending).toEqual([]);
    expect(verifying).toMatchObject([
      {
        window: {
          from: '2026-11-20T03:55:00Z',
          until: '2026-11-20T04:05:00Z',
          looks: 1,
          last: 'usage is 64 %',
          passed: 0.5,
        },
      },
    ]);
  });

  it('names a merge that was stopped', () => {
    const stopped = {
      ...unit,
      approval: {
        approved: false,
        state: 'stopped',
        reason: 'comment-tampered',
        why: 'its plan comment is not what its plan record prints',
      },
    } as JudgedUnit;
    expect(overview({ truth: truthWith({ units: [stopped] }) }).needs).toMatchObject([
      { chip: { word: 'not-applied: comment-tampered' }, text: 'its plan comment is not what its plan record prints' },
    ]);
  });

  it('names what is declared and was never approved', () => {
    const guest = { name: 'postgres', memory: 4096 };
    const divergences = [
      { target: 'home/lxc/200', guest, applied: { memory: 2048 }, fields: ['memory'], live: undefined },
    ] as unknown as Picture['divergences'];
    expect(overview({ divergences })).toMatchObject({
      headline: 'Something is declared that nobody approved',
      unapproved: [
        {
          title: 'postgres',
          text: expect.stringMatching(/^memory 4096 MiB \(applied: 2048 MiB\)\. Shown, never applied/),
        },
      ],
    });
  });

  it('names rules that are on the default branch and not in force', () => {
    const truth = truthWith({});
    const head = {
      ...truth.head,
      tree: new Map([
        ['gitmend.yaml', 'version: 1\napprovers: [eve]\n'],
        ['policies/all.yaml', 'x'],
      ]),
    };
    expect(overview({ truth: { ...truth, head } }).needs).toMatchObject([
      { key: 'rules', text: expect.stringContaining('gitmend.yaml, policies/all.yaml') },
    ]);
  });

  it('counts what came in and nobody has looked at', () => {
    expect(overview({ waiting: 3 }).waiting).toBe(3);
  });
});

describe('a run that ended badly', () => {
  const failed: RunRecord = {
    ...runRecord,
    outcome: 'not-verified',
    message: 'stalls are 24 %',
    wayBack: { not: 'it would not fit', helps: ['a larger step'] },
  };
  const needs = (records: RunRecord[], pulls: Picture['open'] = []) =>
    overview({ truth: truthWith({ records }), open: pulls }).needs.filter(({ key }) => key.startsWith('run-'));

  it('needs a person, and says what helps', () => {
    expect(needs([failed])).toMatchObject([
      {
        chip: { word: 'not-verified', tone: 'bad' },
        title: expect.stringMatching(/^#\d+ /) as string,
        text: 'Stalls are 24 %.',
        next: 'The way back is not proposed: it would not fit. What helps: a larger step.',
      },
    ]);
  });

  it('needs nobody once something newer settled its target', () => {
    expect(needs([failed, { ...runRecord, run: hex('5', 40) }])).toEqual([]);
  });

  it('needs nobody beside the pull request that offers the way on', () => {
    const back: PullRequest = { ...pr, number: 43, body: '' };
    expect(
      needs([{ ...failed, wayBack: { pullRequest: 43 } }], [{ pr: back, plan: undefined, waiting: undefined }]),
    ).toEqual([]);
    const wayOut: PullRequest = {
      ...pr,
      number: 44,
      body: `<!-- gitmend:pr ${JSON.stringify({ kind: 'undo', remedy: 'undo', fingerprint: 'x', proposed: `sha256:${hex('a')}`, of: 42 })} -->`,
    };
    expect(needs([failed], [{ pr: wayOut, plan: undefined, waiting: undefined }])).toEqual([]);
  });

  it('is history after a week', () => {
    expect(needs([{ ...failed, at: '2026-11-12T00:00:00Z' }])).toEqual([]);
  });
});

describe('a delivery that was given up', () => {
  const dead = [{ seq: 7, door: 'alertmanager', why: 'PVE_UNREACHABLE', at: '2026-11-20T03:59:00Z' }];

  it('is tried again by who may approve, and only shown to who may look', () => {
    const [mine] = overviewOf(picture({ dead }), maintainer, now).needs;
    expect(mine).toMatchObject({ chip: { word: 'given up' }, since: 'given up', revive: 7 });
    const [theirs] = overviewOf(picture({ dead }), { name: 'ann', role: 'reader' }, now).needs;
    expect(theirs).toMatchObject({ chip: { word: 'given up' } });
    expect(theirs).not.toHaveProperty('revive');
  });
});

describe('incidents', () => {
  const proposed = { state: 'opened', diagnosis, pullRequest: pr, plan: { state: 'expired' } } as const;
  const noted: RunRecord = {
    version: 1,
    run: hex('6', 40),
    outcome: 'no-change',
    reason: 'page-cache',
    message: 'page cache, not memory: 31 % without it',
    target: 'home/lxc/201',
    name: 'nextcloud',
    signal: { ...runRecord.signal!, fingerprint: 'ffff' },
    at: '2026-11-20T03:00:00Z',
  };

  it('are told in full by whoever diagnosed them', () => {
    const { incidents } = overview({ seen: [{ at: '2026-11-20T03:34:10Z', healed: proposed }], open });
    expect(incidents).toMatchObject([
      {
        alert: 'LxcMemoryHigh',
        name: 'postgres',
        chip: { word: 'proposed' },
        pullRequest: 42,
        considered: diagnosis.considered,
        facts: diagnosis.decidedBy,
      },
    ]);
  });

  it('are told from the pull request after a restart: the same facts, and what else was considered', () => {
    const [incident] = overview({ open }).incidents;
    expect(incident).toMatchObject({
      alert: 'LxcMemoryHigh',
      name: 'postgres',
      pullRequest: 42,
      considered: diagnosis.considered,
    });
    expect(incident?.rows).toEqual(diagnosis.rows);
    expect(incident?.facts.map(({ fact, value }) => [fact, value])).toEqual(
      diagnosis.decidedBy.map(({ fact, value }) => [fact, value]),
    );
  });

  it('that led to nothing are told from the records', () => {
    expect(overview({ truth: truthWith({ records: [noted] }) }).incidents).toMatchObject([
      { name: 'nextcloud', chip: { word: 'no-change' }, summary: 'Page cache, not memory: 31 % without it' },
    ]);
  });

  it('say what became of the proposal', () => {
    const outcome = (changes: Partial<Picture>) => overview(changes).incidents[0]?.chip.word;
    expect(outcome({ past: [merged] })).toBe('merged');
    expect(outcome({ past: [{ ...pr, state: 'closed' }] })).toBe('closed');
    expect(outcome({ past: [merged], truth: truthWith({ records: [runRecord] }) })).toBe('verified');
  });

  it('are not told again when their alert resolves', () => {
    const resolved: RunRecord = {
      ...noted,
      run: hex('7', 40),
      signal: runRecord.signal!,
      reason: 'resolved',
      message: 'resolved by itself',
      at: '2026-11-20T03:50:00Z',
    };
    expect(overview({ open, truth: truthWith({ records: [resolved] }) }).incidents).toHaveLength(1);
    expect(overview({ truth: truthWith({ records: [resolved] }) }).incidents).toHaveLength(1);
  });

  it('are told with the latest first', () => {
    const { incidents } = overview({ open, truth: truthWith({ records: [noted] }) });
    expect(incidents.map(({ name }) => name)).toEqual(['postgres', 'nextcloud']);
  });
});

describe('the log', () => {
  it('has the words of gitmend log, newest first', () => {
    const adopted: RunRecord = {
      version: 1,
      run: hex('8', 40),
      outcome: 'adopted',
      message: '5 of 5 guests are as declared',
      at: '2026-11-20T01:00:00Z',
    };
    expect(overview({ truth: truthWith({ records: [adopted, runRecord] }) }).log).toMatchObject([
      {
        chip: { word: 'verified' },
        what: 'memory 2048 → 3072 MiB',
        pullRequest: 42,
        after: '39 min after the alert',
        link: `/runs/${runRecord.run}`,
      },
      { chip: { word: 'adopted' }, what: '5 of 5 guests are as declared' },
    ]);
  });
});
