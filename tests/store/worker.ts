// A process of its own for the tests that kill one: opens the store that its first argument describes (JSON), does what
// the second names, and tells every answer it got as a line. Ends by itself only where it says so.
import { rmSync, writeSync } from 'node:fs';
import { openStore, type Store } from '../../src/store/index.ts';
import { GitmendError } from '../../src/core/errors.ts';

const [where = '{}', task = '', name = ''] = process.argv.slice(2);
const tell = (line: string): void => void writeSync(1, `${line}\n`);

const tasks: { [task: string]: (store: Store) => Promise<void> } = {
  /** Four doors that accept as fast as they can, for ever. */
  burst: async (store) => {
    const door = async (number: number): Promise<void> => {
      for (let id = 0; ; id += 1) {
        const key = `${number}-${id}`;
        await store.inbox.accept({
          door: 'test',
          id: key,
          payload: { text: 'x'.repeat(2000) },
          receivedAt: Date.now(),
        });
        tell(key);
      }
    };
    await Promise.all([1, 2, 3, 4].map(door));
  },
  /** Takes and finishes, telling each take before and each end after; for ever. */
  work: async (store) => {
    for (;;) {
      const mine = await store.inbox.take(600, name);
      if (mine === undefined) continue;
      tell(`took ${mine.id}`);
      await store.inbox.done(mine);
      tell(`done ${mine.id}`);
    }
  },
  /** Opens, and ends. */
  open: async (store) => {
    await store.check();
    tell('opened');
    await store.close();
  },
  /** Accepts until the disk is full, reads what is there, and accepts again once there is room. */
  fill: async (store) => {
    let accepted = 0;
    const accept = (size: number) =>
      store.inbox.accept({ door: 'test', id: `${accepted}`, payload: 'x'.repeat(size), receivedAt: 1 });
    // First what no longer fits, then what fills the rest.
    for (const size of [20_000, 10]) {
      try {
        for (; ; accepted += 1) await accept(size);
      } catch (error) {
        tell(`accept: ${codeOf(error)}`);
      }
    }
    await store.check().catch((error: unknown) => tell(`check: ${codeOf(error)}`));
    tell(`kept: ${(await store.inbox.counts()).waiting === accepted ? 'all' : 'not all'}`);
    rmSync(name);
    tell(`with room: ${await accept(20_000)}`);
    await store.close();
  },
};

try {
  const store = await openStore({ ...(JSON.parse(where) as { file: string }), clock: Date });
  await tasks[task]?.(store);
} catch (error) {
  tell(`failed: ${codeOf(error)}`);
}

function codeOf(error: unknown): string {
  return error instanceof GitmendError ? error.code : String(error);
}
