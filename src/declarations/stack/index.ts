export { stackDifference, type Stacks } from './difference.ts';
export { stackChanges } from './changes.ts';
