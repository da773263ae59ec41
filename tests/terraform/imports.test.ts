import { expect, it } from 'vitest';
import { importingOnly } from '../../src/terraform/index.ts';

const stack = {
  resource: { a: 1 },
  import: [
    { to: 'x.a', id: 'pve1/200' },
    { to: 'x.b', id: 'pve1/210' },
  ],
};

it('a guest that is not there yet is not imported, and every other is', () => {
  expect(importingOnly(stack, new Set(['pve1/200', 'pve1/999']))).toEqual({
    ...stack,
    import: [{ to: 'x.a', id: 'pve1/200' }],
  });
});

it('a stack in which none is left has no imports at all', () => {
  expect(importingOnly(stack, new Set())).toEqual({ resource: { a: 1 } });
});

it('a stack without imports, and an import whose id is not written out, stay as they are', () => {
  const computed = { import: [{ to: 'x.a', id: { expression: 1 } }] };
  expect(importingOnly({ resource: {} }, new Set())).toEqual({ resource: {} });
  expect(importingOnly(computed, new Set())).toEqual(computed);
});
