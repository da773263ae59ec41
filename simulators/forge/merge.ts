import { git, inWorkTree } from './git.ts';

export interface Making {
  /** Tip of the base, and of what is merged into it. */
  onto: string;
  head: string;
  /** Branch that gets the result. */
  base: string;
  /** Login of whoever merges. */
  by: string;
  message: string;
}

/** The ways in which forges merge, by the names that the APIs of GitHub and Gitea have for them. */
export const styles: { readonly [style: string]: ((tree: string, making: Making) => Promise<void>) | undefined } = {
  async merge(tree, { head, by, message }) {
    await git(tree, ['merge', '--quiet', '--no-ff', '-m', message, head], by);
  },
  async squash(tree, { head, by, message }) {
    await git(tree, ['merge', '--quiet', '--squash', head], by);
    await git(tree, ['commit', '--quiet', '--allow-empty', '--cleanup=verbatim', '-m', message], by);
  },
  async rebase(tree, { head, by }) {
    const base = (await git(tree, ['rev-parse', 'HEAD'])).trim();
    await git(tree, ['checkout', '--quiet', '--detach', head]);
    await git(tree, ['rebase', '--quiet', base], by);
  },
};

/** Merges in a clone that is thrown away, and pushes the result to the base. Returns the commit that the base is at now. */
export async function mergeInto(
  repository: string,
  style: (tree: string, making: Making) => Promise<void>,
  making: Making,
): Promise<string> {
  return inWorkTree(repository, making.onto, async (tree) => {
    await git(tree, ['fetch', '--quiet', repository, making.head]);
    await style(tree, making);
    const made = (await git(tree, ['rev-parse', 'HEAD'])).trim();
    await git(tree, ['push', '--quiet', repository, `HEAD:refs/heads/${making.base}`]);
    return made;
  });
}

/** Whether the two go together without a conflict. */
export async function goTogether(repository: string, onto: string, head: string): Promise<boolean> {
  return git(repository, ['merge-tree', '--write-tree', onto, head]).then(
    () => true,
    () => false,
  );
}
