export { cutMarkdown } from '../records/cut.ts';
export {
  type GuestPlan,
  guestStep,
  isTerraformField,
  notSetUp,
  type TerraformField,
  terraformFields,
} from './guest-step.ts';
export { newGuestStep } from './new-guest.ts';
export { againstStack, demandStack } from './before.ts';
export { guestsAmong, lostGuests, type Place, placeOf } from './place.ts';
export { destroyable, importedFrom, importingOnly } from './imports.ts';
export { reachedFrom } from './reached.ts';
export { actionsOf, against, nameOf, type Purpose, widerThan } from './judge.ts';
export { type Allowed, allowedBy, usuallyAllowed } from './objections.ts';
export type * from './plan.ts';
export { programName, type ProgramName, registryOf } from './program.ts';
export { withoutSecrets } from './secrets.ts';
export { linesOf } from './words.ts';
export { mostInComment, printPlans, printSection, type StackPlan } from './print.ts';
export { againstBackend, keptByGitmend, stateAddress } from './state/index.ts';
export { readPlan, type ReadingOptions } from './read.ts';
export { addressesIn, type Reach, reachOf, sameText, type Stacks } from './reach.ts';
export { type GuestAt, isEffect, type StackCodePlan, stackStep } from './stack-step.ts';
export { againstUnreviewed } from './unreviewed.ts';
