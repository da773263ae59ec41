import type { Repository } from '../git/repository.ts';

const notesRef = 'refs/notes/gitmend';

/**
 * Notes on a merge commit what became of it, so that `git log --notes=gitmend` shows it. The same note again changes
 * nothing; losing a race is no loss, because the record says the same.
 */
export async function noteOn(repo: Repository, commit: string, text: string, at: number): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const tip = await repo.tip(notesRef);
    if (tip !== undefined && (await repo.tree(tip)).get(commit) === text) return;
    const tree = await repo.writeTree(tip, new Map([[commit, text]]));
    const note = await repo.commit({
      tree,
      parents: tip === undefined ? [] : [tip],
      message: `gitmend: ${commit.slice(0, 7)}\n`,
      at,
    });
    if (await repo.push([{ ref: notesRef, from: tip ?? null, to: note }])) return;
    await repo.fetch();
  }
}
