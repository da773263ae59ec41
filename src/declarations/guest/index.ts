export {
  changedFields,
  groupOf,
  isSizeField,
  liveMatches,
  type Mismatch,
  overlay,
  type SizeField,
  sizeFields,
} from './fields.ts';
export { againstDestroying, destroySteps } from './destroy.ts';
export { guestFiles, readGuest, type ReadGuests, readGuests } from './read.ts';
export { preStateOf } from './step.ts';
export { type Beyond, guestSteps, sizeSteps } from './steps.ts';
export { type RawGuest, rawOf, type WantedGuest, wantedGuest, wantedValues } from './wanted.ts';
