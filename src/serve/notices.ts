import type { Notice } from '../notify/index.ts';
import { type NeedView, needsOf } from '../web/view/needs.ts';
import type { Picture } from '../web/view/picture.ts';

/** Milliseconds that something must be out of reach before anybody is told: what comes back by itself needs nobody. */
const patience = 5 * 60_000;

/**
 * What people are to be told of a picture: whatever the page shows to any approver under "Needs you". The same thing has
 * the same key, and is told once. `page` is the origin for links, `now` in milliseconds since the epoch.
 */
export function noticesOf(picture: Picture, page: string, now: number): Notice[] {
  const approvers = picture.truth?.rules.config?.approvers ?? [];
  const needs = new Map<string, NeedView>();
  for (const name of ['', ...approvers])
    for (const need of needsOf(picture, { name, role: 'approver' }, now)) needs.set(need.key, need);
  return [...needs.values()].filter((need) => isDue(need, picture, now)).map((need) => noticeOf(need, page));
}

function isDue({ key }: NeedView, { problem }: Picture, now: number): boolean {
  return !key.startsWith('problem-') || (problem !== undefined && now - Date.parse(problem.since) >= patience);
}

function noticeOf({ key, title, chip, text, next, link, at }: NeedView, page: string): Notice {
  return {
    kind: chip.tone === 'bad' ? 'bad-news' : 'needs-person',
    title: `${chip.word}: ${title}`,
    text: [text, next].filter((part) => part !== '').join('\n\n'),
    ...(link === undefined ? { link: page } : { link: `${page}${link}` }),
    // What stays out of reach is said again the next day; everything else is one thing however long it stays.
    key: key.startsWith('problem-') ? `${key}/${at.slice(0, 10)}` : `${key}/${chip.word}`,
  };
}
