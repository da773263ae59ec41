import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PersonForge } from '../demo/home.ts';
import type { Lab } from '../demo/lab.ts';
import { gitIn } from '../src/git/git.ts';

/** The account of the person in front of the forge. */
export const person = 'maintainer';

/** What a person changes in a guest's file: memory, which goes through the API, or the size of its disk (GiB), which Terraform changes. */
export type Change = { memory: number } | { disk: number };

/** Pushes a branch from the default one, with that change of one file, from a clone of the person's own: gitmend's is another one. */
export async function pushBranch(
  { folder, forge }: Lab<PersonForge>,
  branch: string,
  edit?: { file: string; change: Change },
): Promise<void> {
  const place = join(folder, 'person');
  const env = { ...forge.gitEnv };
  const known = await readFile(join(place, 'gitmend.yaml')).then(
    () => true,
    () => false,
  );
  if (!known) await gitIn(folder)(['clone', '--quiet', forge.remote, place], { env });
  const git = gitIn(place, { name: person, email: `${person}@home.lan` });
  await git(['checkout', '--quiet', '-B', branch, 'origin/main']);
  if (edit !== undefined) {
    const path = join(place, edit.file);
    await writeFile(path, changed(await readFile(path, 'utf8'), edit.change));
  }
  await git(['commit', '--quiet', '--all', '--allow-empty', '--message', branch]);
  await git(['push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`], { env });
}

function changed(text: string, change: Change): string {
  return 'memory' in change
    ? text.replace(/^memory: \d+/m, `memory: ${change.memory}`)
    : text.replace(/\bsize: \d+/, `size: ${change.disk}`);
}
