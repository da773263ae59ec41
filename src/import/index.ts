export { withEdits } from './apply-edits.ts';
export type { FieldEdit } from './compare.ts';
export type { FoundGuest, FoundGuests, LeftOut, NewGuest } from './found.ts';
export { guestFile } from './guest-file.ts';
export { importInto } from './import.ts';
export { type Imported, type Importing, type Named, withoutGuests } from './imported.ts';
export { type Host, inventoryFile, newInventory } from './inventory.ts';
export { missingOf } from './missing.ts';
export { findGuests } from './read.ts';
