import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { StoreContext } from './tables.ts';

export type Role = 'approver' | 'reader';

export interface Account {
  name: string;
  role: Role;
}

export interface Accounts {
  /** A new token for this name, in the clear for the only time. A name that exists gets the role, and its old token and sessions end. */
  create(account: Account): Promise<string>;
  /** The same where there is nobody yet. undefined: somebody is there, or another replica was quicker with this name. */
  createFirst(account: Account): Promise<string | undefined>;
  /** Whose token this is. A wrong, empty or endless one: undefined. */
  verify(token: string): Promise<Account | undefined>;
  /** Ends the account and its sessions. false: there is none of that name. */
  revoke(name: string): Promise<boolean>;
  list(): Promise<Account[]>;
}

export interface Sessions {
  /** A new session of an account that exists, for that many seconds; returns its id, in the clear for the only time. */
  create(name: string, seconds: number): Promise<string>;
  /** Whose session this is, with the role that the account has now. Expired, revoked or unknown: undefined. */
  verify(id: string): Promise<Account | undefined>;
  revoke(id: string): Promise<boolean>;
}

/** 256 bits in base64url: 43 characters. Only the SHA-256 is kept, so a stolen database opens nothing. */
const secretBytes = 32;
const longestSecret = 128;

/** The people of the page. */
export function openAccounts({ db, now }: StoreContext): Accounts {
  return {
    create: async ({ name, role }) => {
      const token = newSecret();
      const row = { role, token_hash: hashOf(token), created_at: now() };
      await db.transaction().execute(async (transaction) => {
        await transaction.deleteFrom('sessions').where('account', '=', name).execute();
        await transaction
          .insertInto('accounts')
          .values({ name, ...row })
          .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
          .execute();
      });
      return token;
    },
    createFirst: async ({ name, role }) => {
      if ((await db.selectFrom('accounts').select('name').limit(1).execute()).length > 0) return undefined;
      const token = newSecret();
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('accounts')
        .values({ name, role, token_hash: hashOf(token), created_at: now() })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows === 1n ? token : undefined;
    },
    verify: async (token) => {
      if (token === '' || token.length > longestSecret) return undefined;
      const hash = hashOf(token);
      const rows = await db.selectFrom('accounts').select(['name', 'role', 'token_hash']).orderBy('name').execute();
      // Every account is compared, and each in constant time: how long it takes tells nothing of any token.
      const [found] = rows.filter((row) => sameHash(row.token_hash, hash));
      return found === undefined ? undefined : { name: found.name, role: found.role };
    },
    revoke: async (name) => {
      const { numDeletedRows } = await db.deleteFrom('accounts').where('name', '=', name).executeTakeFirst();
      return numDeletedRows > 0n;
    },
    list: () => db.selectFrom('accounts').select(['name', 'role']).orderBy('name').execute(),
  };
}

/** Who is logged in. */
export function openSessions({ db, now }: StoreContext): Sessions {
  return {
    create: async (name, seconds) => {
      const id = newSecret();
      const at = now();
      await db
        .insertInto('sessions')
        .values({ id_hash: hashOf(id), account: name, created_at: at, expires_at: at + seconds * 1000 })
        .execute();
      return id;
    },
    verify: async (id) => {
      if (id === '' || id.length > longestSecret) return undefined;
      const hash = hashOf(id);
      const row = await db
        .selectFrom('sessions')
        .innerJoin('accounts', 'accounts.name', 'sessions.account')
        .select(['accounts.name', 'accounts.role', 'sessions.id_hash'])
        .where('id_hash', '=', hash)
        .where('expires_at', '>', now())
        .executeTakeFirst();
      if (row === undefined || !sameHash(row.id_hash, hash)) return undefined;
      return { name: row.name, role: row.role };
    },
    revoke: async (id) => {
      const { numDeletedRows } = await db.deleteFrom('sessions').where('id_hash', '=', hashOf(id)).executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}

function newSecret(): string {
  return randomBytes(secretBytes).toString('base64url');
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function sameHash(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
