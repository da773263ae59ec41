import type { MergeStyle, Review } from '../forge.ts';
import { refused } from '../refused.ts';
import type { LocalForgeContext } from './context.ts';
import { reviewsOf } from './reviews.ts';
import { statusesOf } from './statuses.ts';

/** What the default branch demands of a pull request before it is merged. */
export interface Protection {
  /** Contexts that must be `success` on the head. */
  requiredStatuses: string[];
  /** Different people, not the author, who approve the present head; a standing request for changes blocks. */
  requiredApprovals: number;
  /** Empty: all. */
  styles: MergeStyle[];
  /** Whether an approval ends with the commit that was approved; absent where the forge does not tell this account. */
  dismissesStale?: boolean;
}

const none: Protection = { requiredStatuses: [], requiredApprovals: 0, styles: [] };

export function protectionOf({ database }: Pick<LocalForgeContext, 'database'>): Protection {
  const row = database.first(`SELECT value FROM setting WHERE key = 'protection'`);
  return row === undefined ? none : { ...none, ...(JSON.parse(String(row['value'])) as Partial<Protection>) };
}

export function protect({ database }: Pick<LocalForgeContext, 'database'>, wanted: Partial<Protection>): void {
  const value = JSON.stringify({ ...none, ...wanted });
  database.write(() =>
    database.run(
      `INSERT INTO setting VALUES ('protection', ?) ON CONFLICT DO UPDATE SET value = excluded.value`,
      value,
    ),
  );
}

/** Throws FORGE_REFUSED with everything that is missing, not only the first. */
export function refuseUnprotected(context: LocalForgeContext, number: number, head: string, style: MergeStyle): void {
  const { requiredStatuses, requiredApprovals, styles } = protectionOf(context);
  const green = statusesOf(context, head).filter((status) => status.state === 'success');
  const { approvals, objections } = standing(reviewsOf(context, number), head);
  const missing = [
    ...requiredStatuses
      .filter((name) => !green.some((status) => status.context === name))
      .map((name) => `status ${name} is not success`),
    ...(approvals.length < requiredApprovals
      ? [`${approvals.length} of ${requiredApprovals} approvals of ${head.slice(0, 7)}`]
      : []),
    ...(requiredApprovals > 0 ? objections.map((person) => `${person} asked for changes`) : []),
    ...(styles.length > 0 && !styles.includes(style) ? [`${style} is not allowed, only ${styles.join(', ')}`] : []),
  ];
  if (missing.length > 0) throw refused(`#${number} is protected: ${missing.join('; ')}`);
}

/** Each person's last word. An approval of an older head is none; a request for changes stands until it is answered. */
function standing(reviews: Review[], head: string): { approvals: string[]; objections: string[] } {
  const words = new Map<string, Review>();
  for (const one of reviews) if (!one.void && one.state !== 'commented') words.set(one.author, one);
  const said = [...words.values()];
  return {
    approvals: said.filter((one) => one.state === 'approved' && one.commit === head).map((one) => one.author),
    objections: said.filter((one) => one.state === 'changes-requested').map((one) => one.author),
  };
}
