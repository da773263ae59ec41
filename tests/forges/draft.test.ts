import { describe, expect, test } from 'vitest';
import { pullRequestOf as giteaPullRequest } from '../../src/forges/gitea/pull-request.ts';
import { pullShape as giteaShape } from '../../src/forges/gitea/shapes.ts';
import { pullRequestOf as githubPullRequest } from '../../src/forges/github/pull-at.ts';
import { pullShape as githubShape } from '../../src/forges/github/shapes.ts';

const said = {
  ...{ number: 1, title: 'WIP: more', user: { login: 'ann' }, state: 'open', labels: [], comments: 0 },
  ...{ mergeable: true, merged: false, created_at: '2026-11-20T03:12:00Z', updated_at: '2026-11-20T03:12:00Z' },
};
const side = (ref: string) => ({ ref, label: ref, sha: 'a'.repeat(40), repo_id: 1, repo: { id: 1 } });
const pull = { ...said, head: side('more'), base: side('main') };

/** Of an open one nothing more is asked. */
const nothingAsked = {} as never;

describe('a draft', () => {
  test.each([
    [true, true],
    [false, undefined],
    [undefined, undefined],
  ])('that a forge tells as %s is %s', async (draft, told) => {
    const text = { ...pull, ...(draft === undefined ? {} : { draft }) };
    expect((await giteaPullRequest(nothingAsked, giteaShape.parse(text))).draft).toBe(told);
    expect((await githubPullRequest(nothingAsked, githubShape.parse(text))).draft).toBe(told);
  });
});
