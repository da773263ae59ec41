import { git } from '../forge/git.ts';
import { goTogether, mergeInto, styles } from '../forge/merge.ts';
import { GithubError, type Pull, type User, type World } from './world.ts';

/** What `PUT pulls/N/merge` takes. */
export interface MergeForm {
  merge_method?: string;
  sha?: string;
  commit_title?: string;
  commit_message?: string;
}

/**
 * Merges as rest/pulls/pulls, "Merge a pull request", says: 405 where it cannot be merged or a rule of the repository says
 * no, 409 where `sha` is not the head.
 */
export async function mergePull(world: World, pull: Pull, form: MergeForm, by: User): Promise<string> {
  const method = form.merge_method ?? 'merge';
  const onto = world.branches.get(pull.base);
  if (pull.state === 'closed' || onto === undefined) throw new GithubError(405, 'Pull Request is not mergeable');
  const style = styles[method];
  if (style === undefined) throw new GithubError(422, 'Validation Failed');
  if (world.disallowed.includes(method))
    throw new GithubError(
      405,
      `${method === 'merge' ? 'Merge commits' : `${method[0]?.toUpperCase() ?? ''}${method.slice(1)} merges`} are not allowed on this repository.`,
    );
  if (form.sha !== undefined && form.sha !== pull.head)
    throw new GithubError(409, 'Head branch was modified. Review and try the merge again.');
  const expected = missing(world, pull);
  if (expected !== undefined) throw new GithubError(405, `Required status check "${expected}" is expected.`);
  if (!(await goTogether(world.repository, onto, pull.head)))
    throw new GithubError(405, 'Pull Request is not mergeable');
  const message = await messageOf(world, pull, form);
  const making = { onto, head: pull.head, base: pull.base, by: by.login, message };
  const commit = await mergeInto(world.repository, style, making);
  world.branches.set(pull.base, commit);
  return commit;
}

/** A status or a check of that name that is green on the head does. */
function missing(world: World, { head }: Pull): string | undefined {
  const demanded = [...(world.protection?.statuses ?? []), ...(world.ruleset?.statuses ?? [])];
  const green = (name: string): boolean =>
    world.statuses.findLast(({ sha, context }) => sha === head && context === name)?.state === 'success' ||
    world.checks.findLast((one) => one.sha === head && one.name === name)?.conclusion === 'success';
  return demanded.find((name) => !green(name));
}

/** The usual titles and messages of a repository whose settings nobody changed. */
async function messageOf(world: World, pull: Pull, form: MergeForm): Promise<string> {
  const squash = form.merge_method === 'squash';
  const title =
    form.commit_title ??
    (squash
      ? `${pull.title} (#${pull.number})`
      : `Merge pull request #${pull.number} from ${world.owner}/${pull.branch}`);
  const usual = squash ? await subjects(world, pull) : pull.title;
  const text = form.commit_message ?? usual;
  return text === '' ? title : `${title}\n\n${text}`;
}

async function subjects(world: World, { mergeBase, head }: Pull): Promise<string> {
  const text = await git(world.repository, ['log', '--reverse', '--format=* %s', `${mergeBase}..${head}`]);
  const lines = text.split('\n').filter(Boolean);
  return lines.length < 2 ? '' : lines.join('\n\n');
}
