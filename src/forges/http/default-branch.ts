import { GitmendError, isGitmendError } from '../../core/errors.ts';
import { refused } from '../refused.ts';

/** What a forge tells of a repository, as far as it decides whether there is anything to work on. */
interface Found {
  default_branch: string;
  archived: boolean;
}

/**
 * The default branch of a repository (`owner/name`) that `find` asks the forge for. Throws FORGE_NOT_FOUND where it is not
 * there, not for this account, or elsewhere now; FORGE_REFUSED where nothing can be written to it any more.
 */
export async function defaultBranchOf(
  forge: string,
  repository: string,
  find: () => Promise<Found | undefined>,
): Promise<string> {
  const found = await find().catch((error: unknown) => {
    const moved = isGitmendError(error, 'FORGE_REFUSED') && /^30\d$/.test(String(error.details['status']));
    if (!moved) throw error;
    throw new GitmendError('FORGE_NOT_FOUND', `${repository} on ${forge} has another name or address now`);
  });
  if (found === undefined)
    throw new GitmendError('FORGE_NOT_FOUND', `${forge} has no repository ${repository} that this account may see`);
  if (found.archived) throw refused(`${repository} on ${forge} is archived`);
  return found.default_branch;
}
