import { isoTime } from '../core/clock.ts';
import type { Picture } from '../web/view/picture.ts';

/** What the pages show before anything was looked at. */
export function firstPicture(now: number): Picture {
  return { at: isoTime(now), open: [], past: [], divergences: [], seen: [], waiting: 0, dead: [] };
}
