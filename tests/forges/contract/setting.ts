import { afterEach, beforeEach, expect, vi } from 'vitest';
import type { Forge, NewPullRequest, PullRequest } from '../../../src/forges/forge.ts';
import { cloneOf, type Clone, type ForgeUnderTest } from '../harness.ts';

export type MakeForge = () => Promise<ForgeUnderTest>;

/** A forge and a clone of its repository, fresh for every test. */
export interface Setting extends ForgeUnderTest {
  clone: Clone;
  /** Pushes a branch with files and opens its pull request as gitmend. */
  opened: (branch: string, files: { [path: string]: string }) => Promise<PullRequest>;
}

/** The setting of the test that runs now, in a holder because it is made before each test. */
export function freshSetting(makeForge: MakeForge): { readonly now: Setting } {
  let setting: Setting | undefined;
  beforeEach(async () => {
    const made = await makeForge();
    const clone = await cloneOf(made.forge);
    const opened = async (branch: string, files: { [path: string]: string }): Promise<PullRequest> => {
      await clone.push(branch, files);
      return made.forge.ensurePullRequest(wanted(branch));
    };
    setting = { ...made, clone, opened };
  });
  afterEach(async () => {
    await setting?.clone.dispose();
    await setting?.dispose();
    setting = undefined;
  });
  return {
    get now() {
      if (setting === undefined) throw new Error('only inside a test');
      return setting;
    },
  };
}

export function wanted(branch: string, more: Partial<NewPullRequest> = {}): NewPullRequest {
  return { branch, base: 'main', title: `change ${branch}`, body: 'because', labels: ['gitmend'], ...more };
}

/** What changed, as soon as anything has: a forge with a queue of its own takes a moment before it says so. */
export async function toldSince(forge: Pick<Forge, 'changedSince'>, cursor: string): ReturnType<Forge['changedSince']> {
  return vi.waitFor(
    async () => {
      const changed = await forge.changedSince(cursor);
      expect(changed.numbers).not.toEqual([]);
      return changed;
    },
    { timeout: 10_000, interval: 250 },
  );
}

/** The file of `begin` with one line replaced. */
export function postgres(
  line: 'cores' | 'memory' | 'swap' | 'disk',
  value: number,
  text?: string,
): { [path: string]: string } {
  const before = text ?? 'name: postgres\ncores: 2\nmemory: 2048\nswap: 512\ndisk: 32\n';
  return { 'guests/postgres.yaml': before.replace(new RegExp(`^${line}: .*$`, 'm'), `${line}: ${value}`) };
}

/** It is refused by rule, with this reason: not a failure that another try could mend. */
export async function expectRefused(attempt: Promise<unknown>, reason: RegExp): Promise<void> {
  await expect(attempt).rejects.toMatchObject({ code: 'FORGE_REFUSED', message: expect.stringMatching(reason) });
}
