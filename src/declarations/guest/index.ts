export {
  changedFields,
  groupOf,
  isLifeAs,
  isLiveAs,
  isSizeField,
  liveMatches,
  type Mismatch,
  overlay,
  type SizeField,
  sizeFields,
} from './fields.ts';
export { hostOf, type SharedAddress, sharedAddresses } from './address.ts';
export { cloneMisfits, cloneSteps, templateOf } from './clone.ts';
export { againstDestroying, destroySteps } from './destroy.ts';
export { backTo, fileValue } from './back.ts';
export {
  asIsLive,
  driftedValues,
  drifting,
  type DriftingField,
  fieldsIn,
  isSaid,
  observedOf,
  valueAt,
  valuesAt,
} from './drifted.ts';
export { isLifeField, type LifeField, lifeFields } from './life.ts';
export { guestFiles, readGuest, type ReadGuests, readGuests } from './read.ts';
export { preStateOf } from './step.ts';
export { type Beyond, guestSteps, sizeSteps } from './steps.ts';
export { type RawGuest, rawOf, type WantedGuest, wantedGuest, wantedValues } from './wanted.ts';
