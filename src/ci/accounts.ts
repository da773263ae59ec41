import { GitmendError, isGitmendError } from '../core/errors.ts';
import type { Comment, Forge, PullRequest } from '../forges/forge.ts';
import { markerIn } from '../forges/markers.ts';

/**
 * The same forge, where other accounts of gitmend's own count as the one that acts: with `runner: ci` the service opens
 * pull requests as one account, and jobs plan, comment and merge as the forge's own.
 */
export function asOneAccount(forge: Forge, accounts: readonly (string | undefined)[]): Forge {
  const { self } = forge;
  const own = new Set(accounts.flatMap((name) => name?.toLowerCase() || []));
  const known = <T extends string | undefined>(name: T): T | string =>
    name !== undefined && own.has(name.toLowerCase()) ? self : name;
  const pull = (pr: PullRequest): PullRequest => ({
    ...pr,
    author: known(pr.author),
    ...(pr.mergedBy === undefined ? {} : { mergedBy: known(pr.mergedBy) }),
    ...(pr.closedBy === undefined ? {} : { closedBy: known(pr.closedBy) }),
  });
  return {
    ...forge,
    ensurePullRequest: async (wanted) => pull(await forge.ensurePullRequest(wanted)),
    pullRequest: async (number) => pull(await forge.pullRequest(number)),
    pullRequests: async (filter) => (await forge.pullRequests(filter)).map(pull),
    async pullRequestOfMerge(commit) {
      const found = await forge.pullRequestOfMerge(commit);
      return found === undefined ? undefined : pull(found);
    },
    merge: async (number, options) => pull(await forge.merge(number, options)),
    comments: async (number) =>
      lastOfEach(
        (await forge.comments(number)).map((comment) => ({ ...comment, author: known(comment.author) })),
        self,
      ),
  };
}

/**
 * A job on Gitea with its own token: Gitea takes its account for a stranger where it compares branches and opens pull
 * requests (404 in a private repository, 403 in a public one; 1.25), which reads as if the branch were not there. So the
 * refusal names the mend. `token`: the variable that `forge.token` of gitmend.yaml names.
 */
export function asGiteaJob(forge: Forge, token: string | undefined): Forge {
  return {
    ...forge,
    async ensurePullRequest(wanted) {
      try {
        return await forge.ensurePullRequest(wanted);
      } catch (error) {
        if (!isGitmendError(error, 'FORGE_REFUSED')) throw error;
        const mend =
          token === undefined
            ? 'name one of an account of yours as forge.token in gitmend.yaml, and set a secret of that name'
            : `set the secret ${token} and pass it to the job`;
        // That there is no such branch is how the 404 was read, and not so.
        const said = /push it first$/.test(error.message) ? '' : `. It said: ${error.message}`;
        const message = `Gitea lets no job open a pull request by the job's own token: ${mend} (docs/ci.md)${said}`;
        throw new GitmendError('FORGE_REFUSED', message, { details: { ...error.details } });
      }
    },
  };
}

/**
 * None of our accounts can edit what another one wrote, so after a change of the runner a plan stands there twice: what was
 * written last is what is shown.
 */
function lastOfEach(comments: readonly Comment[], self: string): Comment[] {
  const last = new Map<string, Comment>();
  const own = comments.filter(({ author }) => author === self);
  for (const comment of own) {
    const marker = markerIn(comment.body);
    const before = marker === undefined ? undefined : last.get(marker);
    if (marker !== undefined && (before === undefined || comment.updatedAt >= before.updatedAt))
      last.set(marker, comment);
  }
  return comments.filter((comment) => {
    const marker = comment.author === self ? markerIn(comment.body) : undefined;
    return marker === undefined || last.get(marker) === comment;
  });
}
