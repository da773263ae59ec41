import { describe, expect, it } from 'vitest';
import { addPerson, firstPerson, printAdded } from '../../src/serve/people.ts';
import type { Account, Accounts } from '../../src/store/index.ts';

/** Accounts in memory: a token is the name and how often it was made. */
function accounts(): Accounts {
  const known = new Map<string, Account & { token: string }>();
  let made = 0;
  const create = async ({ name, role }: Account): Promise<string> => {
    made += 1;
    known.set(name, { name, role, token: `${name}-${made}` });
    return `${name}-${made}`;
  };
  return {
    create,
    createFirst: async (account) => (known.size > 0 ? undefined : create(account)),
    verify: async (token) => [...known.values()].find((one) => one.token === token),
    revoke: async (name) => known.delete(name),
    list: async () => [...known.values()],
  };
}

describe('a person', () => {
  it('gets a token, and a new one when asked again', async () => {
    const all = accounts();
    expect(await addPerson(all, 'ann', 'reader', 'gitmend')).toEqual({
      ...{ name: 'ann', role: 'reader', token: 'ann-1', replaced: false },
    });
    expect(await addPerson(all, 'ann', 'approver', 'gitmend')).toMatchObject({ token: 'ann-2', replaced: true });
    expect(await all.verify('ann-1')).toBeUndefined();
  });

  it.each([
    ['gitmend', /the account that gitmend itself writes as/],
    ['Gitmend', /the account that gitmend itself writes as/],
    ['a b', /is no account name/],
    ['-x', /is no account name/],
    ['', /is no account name/],
    ['x'.repeat(200), /is no account name/],
  ])('is not called %j', async (name, words) => {
    await expect(addPerson(accounts(), name, 'approver', 'gitmend')).rejects.toThrow(words);
  });
});

describe('what is said to whoever added a person', () => {
  const ann = { name: 'ann', role: 'approver', token: 'ann-1', replaced: false } as const;
  const opens = 'opens the page and git with this token, which is shown only now:\n\n  ann-1';

  it('is the role, where that is all that there is to it', () => {
    expect(printAdded(ann, ['maintainer', 'Ann'])).toBe(`ann (approver) ${opens}`);
    expect(printAdded({ ...ann, role: 'reader' }, [])).toBe(`ann (reader) ${opens}`);
  });

  it('is that gitmend.yaml must name an approver whom it does not name', () => {
    for (const approvers of [['maintainer'], ['team:ops/all']])
      expect(printAdded(ann, approvers)).toBe(
        `ann ${opens}\n\ngitmend.yaml must name ann, or a team that ann is in, under approvers: only then do approvals count.`,
      );
  });

  it('is that the token before is void', () => {
    expect(printAdded({ ...ann, replaced: true }, ['ann'])).toBe(
      `ann (approver) ${opens}\n\nThe token that ann had before is void now, and every session of it has ended.`,
    );
  });
});

describe('the first person', () => {
  it('is the first approver', async () => {
    expect(await firstPerson(accounts(), ['maintainer', 'ann'], 'gitmend')).toMatchObject({
      name: 'maintainer',
      role: 'approver',
    });
  });

  it('is no team, which stands first or alone', async () => {
    const first = await firstPerson(accounts(), ['team:ops/all', 'team:ops/dba', 'ann', 'ben'], 'gitmend');
    expect(first).toMatchObject({ name: 'ann' });
    expect(await firstPerson(accounts(), ['team:ops/all'], 'gitmend')).toBeUndefined();
  });

  it('is nobody where somebody is there already, or no approver is named', async () => {
    const all = accounts();
    await all.create({ name: 'ann', role: 'reader' });
    expect(await firstPerson(all, ['maintainer'], 'gitmend')).toBeUndefined();
    expect(await firstPerson(accounts(), [], 'gitmend')).toBeUndefined();
  });
});
