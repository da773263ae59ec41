import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { digestOfText } from '../core/json.ts';
import type { Ground } from '../deliver/world.ts';

// What this machine remembers itself, because whoever may push can rewrite what lies in git. Losing it loses no run: what
// follows is looked at as if it came from another machine.

/** The last tip of the records that this machine has seen. */
export function seenFile(file: string): Ground['seenRecords'] {
  return {
    read: async () => (await readFile(file, 'utf8').catch(() => '')).trim() || undefined,
    async write(tip) {
      // A name of its own: heal, plan and the runner of one machine write it at the same time.
      const next = `${file}.${randomUUID()}`;
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await writeFile(next, tip + '\n', { mode: 0o600 });
      await rename(next, file);
    },
  };
}

/** The heads that this machine made: one small file for each branch of gitmend's own. */
export function ownHeadsIn(folder: string): Ground['ownHeads'] {
  // The branch is outside text where a forge told it, so it is no name of a file.
  const fileOf = (branch: string) => seenFile(join(folder, digestOfText(branch).slice('sha256:'.length)));
  return { tip: (branch) => fileOf(branch).read(), note: (branch, head) => fileOf(branch).write(head) };
}

/** The tips of the journals that this machine writes: one small file for each run that goes on. */
export function ownRunsIn(folder: string): Ground['ownRuns'] {
  return {
    tip: (run) => seenFile(join(folder, run)).read(),
    note: (run, tip) =>
      tip === undefined ? rm(join(folder, run), { force: true }) : seenFile(join(folder, run)).write(tip),
  };
}
