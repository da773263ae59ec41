import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../src/core/clock.ts';
import type { Forge } from '../src/forges/forge.ts';
import { createLocalForge, type LocalForgeAdmin, openLocalForge } from '../src/forges/local/index.ts';

/** A forge as the person who may approve has it. */
export type PersonForge = Forge & Pick<LocalForgeAdmin, 'openPullRequest' | 'release'> & Tamper;

/** The same of a local forge, with everything that a person does on a forge's pages. */
export type LocalPersonForge = Forge & LocalForgeAdmin & Tamper;

export interface Tamper {
  /** Edits a comment of gitmend's own, as whoever holds its token could. */
  editAsBot: (number: number, id: string, body: string) => Promise<void>;
}

/** Where a lab's infrastructure repository lies. */
export interface Home<F extends PersonForge> {
  /** What `forge:` in gitmend.yaml says. */
  yaml: string;
  /** The account that `approvers:` names. */
  approver: string;
  /** Variables of every role beside those of the lab: gitmend's own token, where there is one. */
  env: { [name: string]: string };
  /** Makes the repository with the files of a directory, and opens it as the approver. */
  make: (folder: string, files: string, clock: Clock) => Promise<F>;
}

/** In the lab's own folder, without a server. */
export const localHome: Home<LocalPersonForge> = {
  yaml: '{ kind: local }',
  approver: 'maintainer',
  env: {},
  async make(folder, files, clock) {
    const place = join(folder, 'forge');
    await createLocalForge({ folder: place, files: { directory: files }, by: 'maintainer', clock });
    // It lives for minutes: git need not look after each push whether it should tidy up.
    await appendFile(join(place, 'repo.git', 'config'), '[receive]\n\tautogc = false\n');
    const forge = await openLocalForge({ folder: place, as: 'maintainer', clock });
    return {
      ...forge,
      async editAsBot(number, id, body) {
        const bot = await openLocalForge({ folder: place, as: 'gitmend', clock });
        await bot.editComment(number, id, body);
        bot.release();
      },
    };
  },
};
