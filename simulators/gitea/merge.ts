import { git, inWorkTree } from './git.ts';
import { GiteaError, type Pull, type User, type World } from './world.ts';

/** What `POST pulls/N/merge` takes. */
export interface MergeForm {
  Do?: string;
  head_commit_id?: string;
  MergeTitleField?: string;
  MergeMessageField?: string;
  delete_branch_after_merge?: boolean;
}

/**
 * Merges as routers/api/v1/repo/pull.go does, refusals in its order and words: closed, merged, still computing (also in
 * conflict), another head, a style that it does not know.
 */
export async function mergePull(world: World, pull: Pull, form: MergeForm, by: User): Promise<string> {
  if (pull.merged !== undefined) throw new GiteaError(405, '');
  if (pull.state === 'closed') throw new GiteaError(404, "The target couldn't be found.");
  if (!(await isMergeable(world, pull))) throw new GiteaError(405, 'Please try again later');
  if (form.head_commit_id !== undefined && form.head_commit_id !== '' && form.head_commit_id !== pull.head)
    throw new GiteaError(409, 'head out of date');
  const base = world.branches.get(pull.base);
  if (base === undefined) throw new GiteaError(404, 'no base');
  const style = styles[form.Do ?? 'merge'];
  if (style === undefined) throw new GiteaError(405, `${form.Do ?? ''} is not allowed an allowed merge style`);
  const commit = await inWorkTree(world.repository, base, async (tree) => {
    const reach = ['fetch', '--quiet', world.repository, pull.head];
    await git(tree, reach);
    await style(tree, { pull, by, message: messageOf(world, pull, form) });
    const made = (await git(tree, ['rev-parse', 'HEAD'])).trim();
    await git(tree, ['push', '--quiet', world.repository, `HEAD:refs/heads/${pull.base}`]);
    return made;
  });
  world.branches.set(pull.base, commit);
  return commit;
}

/** False also while it is still being computed: then it is asked again in a moment. */
export async function isMergeable(world: World, pull: Pull): Promise<boolean> {
  if (pull.computing > 0) {
    pull.computing -= 1;
    return false;
  }
  const base = world.branches.get(pull.base) ?? '';
  const key = `${base} ${pull.head}`;
  const merged =
    world.mergeable.get(key) ??
    (await git(world.repository, ['merge-tree', '--write-tree', base, pull.head]).then(
      () => true,
      () => false,
    ));
  world.mergeable.set(key, merged);
  return merged;
}

interface Making {
  pull: Pull;
  by: User;
  message: string;
}

const styles: { readonly [style: string]: ((tree: string, making: Making) => Promise<void>) | undefined } = {
  async merge(tree, { pull, by, message }) {
    await git(tree, ['merge', '--quiet', '--no-ff', '-m', message, pull.head], by.login);
  },
  async squash(tree, { pull, by, message }) {
    await git(tree, ['merge', '--quiet', '--squash', pull.head], by.login);
    await git(tree, ['commit', '--quiet', '--allow-empty', '--cleanup=verbatim', '-m', message], by.login);
  },
  async rebase(tree, { pull, by }) {
    const base = (await git(tree, ['rev-parse', 'HEAD'])).trim();
    await git(tree, ['checkout', '--quiet', '--detach', pull.head]);
    await git(tree, ['rebase', '--quiet', base], by.login);
  },
};

function messageOf(world: World, pull: Pull, form: MergeForm): string {
  const usual =
    form.Do === 'squash'
      ? `${pull.title} (#${pull.number})`
      : `Merge pull request '${pull.title}' (#${pull.number}) from ${pull.branch} into ${pull.base}`;
  const title = (form.MergeTitleField ?? '').trim() || usual;
  const text = (form.MergeMessageField ?? '').trim();
  const given = text === '' ? title : `${title}\n\n${text}`;
  return form.MergeTitleField === undefined && form.Do !== 'squash'
    ? `${given}\n\nReviewed-on: http://localhost/${world.owner}/${world.name}/pulls/${pull.number}`
    : given;
}
