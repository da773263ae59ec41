import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Forge } from '../../../src/forges/forge.ts';
import { createLocalForge, openLocalForge, type LocalForgeAdmin } from '../../../src/forges/local/index.ts';
import { begin, type ForgeUnderTest } from '../harness.ts';

/** 2026-11-20T03:12:00Z, standing still. */
export const clock = { now: () => Date.UTC(2026, 10, 20, 3, 12) };

export type LocalForge = Forge & LocalForgeAdmin;

export interface LocalForgeUnderTest extends ForgeUnderTest {
  folder: string;
  forge: LocalForge;
  open: (account: string) => Promise<LocalForge>;
}

/** A fresh local forge in a temporary folder. */
export async function localForge(): Promise<LocalForgeUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'gitmend-forge-'));
  await createLocalForge({ folder, files: begin, by: 'maintainer', clock });
  const opened: LocalForge[] = [];
  const open = async (account: string): Promise<LocalForge> => {
    const forge = await openLocalForge({ folder, as: account, clock });
    opened.push(forge);
    return forge;
  };
  const forge = await open('gitmend');
  return {
    folder,
    forge,
    open,
    editComment: async (number, id, body) => {
      await forge.editComment(number, id, body);
    },
    reactions: (id) => forge.reactions(id),
    as: async (account) => {
      const person = await open(account);
      return {
        forge: person,
        review: (number, state) => person.review(number, state),
        dismiss: async (number, review) => {
          await person.dismissReview(number, review, 'not any more');
        },
        comment: (number, body) => person.comment(number, body),
      };
    },
    dispose: async () => {
      for (const one of opened) one.release();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
