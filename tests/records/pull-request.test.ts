import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Proposed } from '../../src/core/diagnosis.ts';
import { digestOf } from '../../src/core/json.ts';
import { parsePullRequest, printPullRequest, proposedDigest } from '../../src/records/pull-request.ts';
import { diagnosis, oneApproval, signal } from './examples.ts';
import { expectGolden } from './golden.ts';
import { hostileText, runs } from './hostile.ts';

const wellFormed = (labels: { [label: string]: string }) =>
  Object.fromEntries(Object.entries(labels).map(([label, value]) => [label, value.toWellFormed()]));

const print = (changes: Partial<Proposed> = {}) =>
  printPullRequest({ ...diagnosis, ...changes }, { policy: oneApproval });

describe('the body of a pull request, as people read it', () => {
  it('says first what is wrong and for how long, then what changes and why; the rest folds', () => {
    expectGolden('pull-request.md', print());
  });

  it('puts the name before a summary that does not begin with it, and leaves out what there is not', () => {
    const summary = 'out of memory since Tuesday. Twice killed';
    const startsAt = '2026-11-17T22:00:00Z';
    const quiet = { summary, rows: [], effects: [], decidedBy: [], considered: [] };
    expectGolden('pull-request-short.md', print({ ...quiet, signal: { ...diagnosis.signal, startsAt, repeats: 1 } }));
    expect(print({ name: 'post' })).toContain('**post**: postgres (lxc/200 on pve1) has been');
  });

  it.each([
    ['auto', 0, 'gitmend merges it once plan and checks are green · expires in 24 h'],
    ['notify', 0, 'gitmend merges it once plan and checks are green, and tells people · expires in 24 h'],
    ['approve', 1, 'one approval · expires in 24 h'],
    ['approve-1', 1, 'one approval, not the author’s · expires in 24 h'],
    ['approve-3', 3, '3 approvals of different people, none the author · expires in 24 h'],
    ['forbidden', 0, 'nobody may approve it · expires in 24 h'],
  ])('says what the level %s asks of people', (level, needs, words) => {
    const text = printPullRequest(diagnosis, { policy: { ...oneApproval, rule: '', level, needs } });
    expect(text).toContain(`policy: ${words}\n`);
  });
});

describe('the marker of a pull request, read back', () => {
  it('holds what the bot must find again', () => {
    expect(parsePullRequest(print())).toEqual({
      kind: 'heal',
      remedy: 'resize-guest',
      fingerprint: '3f9c1a0b2c4d',
      proposed: digestOf({ memory: 3072 }),
      signal,
    });
  });

  it('survives what a forge does to line ends, and whatever the texts hold', () => {
    fc.assert(
      fc.property(hostileText, fc.dictionary(fc.string(), hostileText), (text, labels) => {
        const body = print({
          summary: text,
          name: text,
          effects: [text],
          signal: { ...diagnosis.signal, name: text, labels },
        });
        expect(parsePullRequest(body.replaceAll('\n', '\r\n'))).toMatchObject({
          signal: { name: text.toWellFormed(), labels: wellFormed(labels) },
        });
      }),
      runs(300),
    );
  });

  it('is not found in a person’s text, nor where there are two or a broken one', () => {
    const marker =
      print()
        .split('\n')
        .find((line) => line.startsWith('<!-- gitmend:pr')) ?? '';
    expect(parsePullRequest('Please give postgres more memory.')).toBeUndefined();
    expect(parsePullRequest(`${marker}\n${marker}`)).toBeUndefined();
    expect(parsePullRequest(marker.replace('"kind":"heal"', '"kind":"boss"'))).toBeUndefined();
    expect(parsePullRequest(marker.replace('}', ''))).toBeUndefined();
    expect(parsePullRequest(`> ${marker}`)).toBeUndefined();
    expect(parsePullRequest(marker.slice(0, -4))).toBeUndefined();
  });

  it('tells equal proposals from different ones', () => {
    expect(proposedDigest({ memory: 3072, swap: 512 })).toBe(proposedDigest({ swap: 512, memory: 3072 }));
    expect(proposedDigest({ memory: 3072 })).not.toBe(proposedDigest({ memory: 4096 }));
  });
});
