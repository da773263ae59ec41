import { goTogether, mergeInto, styles } from '../forge/merge.ts';
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
 * conflict), another head, a style that it does not know, and a job, whose push for the merge comes without its rights.
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
  if (by.login === 'gitea-actions') throw new GiteaError(409, rejected);
  const { base: into, head } = pull;
  const making = { onto: base, head, base: into, by: by.login, message: messageOf(world, pull, form) };
  const commit = await mergeInto(world.repository, style, making);
  world.branches.set(pull.base, commit);
  return commit;
}

const rejected =
  'PushRejected with remote message: error:        \nerror: User permission denied for writing.        \nerror:';

/** False also while it is still being computed: then it is asked again in a moment. */
export async function isMergeable(world: World, pull: Pull): Promise<boolean> {
  if (pull.computing > 0) {
    pull.computing -= 1;
    return false;
  }
  const base = world.branches.get(pull.base) ?? '';
  const key = `${base} ${pull.head}`;
  const merged = world.mergeable.get(key) ?? (await goTogether(world.repository, base, pull.head));
  world.mergeable.set(key, merged);
  return merged;
}

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
