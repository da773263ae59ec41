import { done, isUnknown } from '../http/client.ts';
import type { GithubContext } from './context.ts';
import { issueShape } from './shapes.ts';

/**
 * Puts on what is missing; labels that others put on stay, and what the repository does not have GitHub makes. Returns
 * whether anything was put on. Names are told apart as GitHub does, without regard to case.
 */
export async function ensureLabels(
  { api, name }: GithubContext,
  number: number,
  present: readonly string[],
  wanted: readonly string[],
): Promise<boolean> {
  const missing = without(present, wanted);
  if (missing.length === 0) return false;
  const route = 'POST /repos/{owner}/{repo}/issues/{issue_number}/labels';
  try {
    done(name, await api.send(route, { issue_number: number, labels: missing }), `labels of #${number}`);
  } catch (error) {
    if (!isUnknown(error)) throw error;
    const get = 'GET /repos/{owner}/{repo}/issues/{issue_number}';
    const { labels } = await api.read(get, { issue_number: number }, issueShape);
    const now = labels.map((one) => (typeof one === 'string' ? one : (one.name ?? '')));
    if (without(now, wanted).length > 0) throw error;
  }
  return true;
}

function without(present: readonly string[], wanted: readonly string[]): string[] {
  const there = new Set(present.map((one) => one.toLowerCase()));
  return wanted.filter((one) => !there.has(one.toLowerCase()));
}
