import type { Scenario } from '../story.ts';
import { byHand } from './by-hand.ts';
import { crash } from './crash.ts';
import { drift } from './drift.ts';
import { falseAlarmStory } from './false-alarm.ts';
import { memory } from './memory.ts';
import { noHeadroomStory } from './no-headroom.ts';
import { notHealedStory } from './not-healed.ts';
import { ownHost } from './own-host.ts';
import { stale } from './stale.ts';
import { storm } from './storm.ts';
import { tampered } from './tampered.ts';
import { unapproved } from './unapproved.ts';

/** Every story, in the order of `--list`. A test holds this list equal to the files beside it. */
export const scenarios: readonly Scenario[] = [
  memory,
  falseAlarmStory,
  noHeadroomStory,
  stale,
  crash,
  notHealedStory,
  byHand,
  drift,
  unapproved,
  tampered,
  storm,
  ownHost,
];
