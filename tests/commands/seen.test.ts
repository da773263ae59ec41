import { expect, test } from 'vitest';
import type { Permission, SaidComment } from '../../src/forges/forge.ts';
import { foundIn } from '../../src/pipeline/asked/seen.ts';

const may: { readonly [account: string]: Permission } = { ann: 'write', bob: 'read' };

test.each([
  ['/foo', ['ann']],
  ['/apply', ['ann']],
  ['/plan.', ['ann']],
  ['/rolback', ['ann']],
  ['/plan', ['ann', 'bob', 'eve']],
  ['/lgtm', []],
])('%s is answered to %j and to nobody else', async (body, answered) => {
  const at = '2026-11-20T03:12:00Z';
  const comments = ['ann', 'bob', 'eve'].map((author): SaidComment => {
    return { id: author, author, body, createdAt: at, updatedAt: at, number: 1, on: 'pull-request', edited: false };
  });
  const forge = { self: 'gitmend', permission: async (account: string) => may[account] ?? 'none' };
  const { found } = await foundIn({ forge } as never, comments);
  expect(found.map(({ comment }) => comment.author)).toEqual(answered);
});
