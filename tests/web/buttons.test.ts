import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { registerButtons } from '../../src/web/buttons.ts';
import type { Site } from '../../src/web/site.ts';

/** Presses `Try it again` as somebody; what was revived by it, and where the answer leads. */
async function revivedBy(viewer: { name: string; role: 'approver' | 'reader' } | undefined, seq: string) {
  const revived: number[] = [];
  const site = {
    people: { viewer: async () => viewer },
    store: { inbox: { revive: async (which: number) => revived.push(which) > 0 } },
    poke: () => undefined,
  };
  const app = new Hono<{ Bindings: HttpBindings }>();
  registerButtons(app, site as unknown as Site);
  const answer = await app.request(`/dead/${seq}/revive`, { method: 'POST' });
  return { revived, status: answer.status, leadsTo: answer.headers.get('location') };
}

describe('a dead delivery', () => {
  it.each([
    ['approver', '7', [7]],
    ['approver', '7x', []],
    ['approver', '-7', []],
    ['approver', '1234567890123', []],
    ['reader', '7', []],
  ] as const)('is tried again by an %s with the number %s: %j', async (role, seq, revived) => {
    expect(await revivedBy({ name: 'ann', role }, seq)).toEqual({ revived, status: 303, leadsTo: '/' });
  });

  it('is not tried again by whoever is not logged in', async () => {
    expect(await revivedBy(undefined, '7')).toEqual({ revived: [], status: 303, leadsTo: '/login?next=%2F' });
  });
});
