import { notDone } from '../../commands/answer.ts';
import { isRefusal } from '../../core/change-set.ts';
import { driftFingerprint } from '../../deliver/drift-propose.ts';
import { openRestore } from '../../deliver/restore.ts';
import { escapeText } from '../../records/escape.ts';
import { parsePullRequest } from '../../records/pull-request.ts';
import { printChange } from '../../texts/words.ts';
import { planOpened } from './half.ts';
import type { AskedOnPullRequest } from './setting.ts';

/** `/restore` on a drift pull request: opens the other way, which brings back what is declared. */
export async function restore({ world, truth, pr, comment }: AskedOnPullRequest): Promise<string> {
  const marker = pr.author === world.forge.self && !pr.fork ? parsePullRequest(pr.body) : undefined;
  if (marker?.kind !== 'drift')
    return notDone({
      why: 'this is no drift pull request, so nothing here is live otherwise than declared',
      next: '/rollback takes back what a merged one applied; gitmend restore TARGET restores a guest that drifted',
    });
  if (pr.state === 'merged')
    return notDone({
      why: 'it is merged, so what is live is what is declared now',
      next: 'write the values that you want as a pull request',
    });
  const found = [...truth.head.guests].find(([target]) => driftFingerprint(target) === marker.fingerprint);
  if (found === undefined) return notDone({ why: 'its guest is not declared any more', next: '' });
  const restoring = await openRestore(world, truth, ...found, comment.createdAt);
  if (isRefusal(restoring)) return notDone({ why: restoring.message, next: restoring.next });
  const { pullRequest, values } = restoring;
  const follows = await planOpened(world, pullRequest);
  const words = values.map(({ field, live, declared }) => printChange(field, live, declared)).join(', ');
  return `**Restore** #${pullRequest.number}: ${escapeText(`${found[1].name} ${words}`, 300)}. Nothing is changed before somebody merges it; merging it closes this one.${follows}`;
}
