import type { NeedView } from './needs.ts';
import type { Picture } from './picture.ts';

/** What is live otherwise than declared and cannot be proposed; what can be is a pull request, and stands there. */
export function driftNeeds({ drifts = {} }: Pick<Picture, 'drifts'>): NeedView[] {
  return Object.entries(drifts).flatMap(([target, { name, where, beyond }]) => {
    if (beyond === undefined) return [];
    return [
      {
        key: `drift-${target}`,
        title: `${name} is not as it is declared`,
        chip: {
          tone: 'attention',
          word: 'drift',
          means: 'live otherwise than declared, and nothing was merged',
        } as const,
        text: `${name} (${where}) ${beyond.what.join('; ')}.`,
        next: 'gitmend proposes nothing for it: bring the host or the declaration in line by hand.',
        link: undefined,
        since: 'seen',
        at: beyond.since,
      },
    ];
  });
}
