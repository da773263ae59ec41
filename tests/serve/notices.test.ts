import { describe, expect, it } from 'vitest';
import type { PullRequest } from '../../src/forges/forge.ts';
import { noticesOf } from '../../src/serve/notices.ts';
import type { Picture } from '../../src/web/view/picture.ts';
import { hex, planRecord } from '../records/examples.ts';
import { picture, truthWith } from '../web/view/pictures.ts';

const now = Date.parse('2026-11-20T04:00:00Z');
const page = 'https://gitmend.home.lan';
const pr: PullRequest = {
  number: 42,
  title: 'postgres: memory 2048 → 3072 MiB',
  body: '**postgres** is out of memory.\n\nMore.',
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
const problem = {
  code: 'PVE_UNREACHABLE',
  message: 'pve1 did not answer',
  next: 'check the network',
  at: '2026-11-20T04:00:00Z',
};

describe('what people are told', () => {
  it('is what any approver would see as theirs to do, with a link to it', () => {
    expect(noticesOf(picture({ truth: truthWith({}), open }), page, now)).toEqual([
      {
        kind: 'needs-person',
        title: 'wants approval: #42 postgres: memory 2048 → 3072 MiB',
        text: 'postgres is out of memory.\n\n1 change. Merging approves it.',
        link: 'https://gitmend.home.lan/pull/42',
        key: 'pull-42/wants approval',
      },
    ]);
  });

  it('is nothing where nothing needs anybody', () => {
    expect(noticesOf(picture({ truth: truthWith({}) }), page, now)).toEqual([]);
  });

  it('is said again of a pull request whose plan is refused after it was fine', () => {
    const refusal = { refused: true as const, reason: 'no-rule', message: 'no rule decides', next: '' };
    const refused: Picture['open'] = [
      { pr: { ...pr, author: 'maintainer' }, plan: planRecord({ refusals: [refusal] }), waiting: undefined },
    ];
    expect(
      noticesOf(picture({ truth: truthWith({}), open: refused }), page, now).map(({ key, kind }) => [key, kind]),
    ).toEqual([['pull-42/refused', 'bad-news']]);
  });

  it('is silent about what is out of reach for less than five minutes, and says it once a day then', () => {
    const since = (at: string) =>
      noticesOf(picture({ problem: { ...problem, since: at } }), page, now).map(({ key }) => key);
    expect(since('2026-11-20T03:56:00Z')).toEqual([]);
    expect(since('2026-11-20T03:55:00Z')).toEqual(['problem-PVE_UNREACHABLE/2026-11-20']);
  });

  it('is a delivery that was given up', () => {
    const dead = [{ seq: 7, door: 'alertmanager', why: 'INTERNAL: boom', at: '2026-11-20T03:00:00Z' }];
    expect(noticesOf(picture({ dead }), page, now)).toMatchObject([{ kind: 'bad-news', key: 'dead-7/given up' }]);
  });
});
