export { type Case, collapse } from './collapse.ts';
export { clusterOf, type FoundCluster } from './cluster.ts';
export { identify } from './identify.ts';
export type { DeclaredPlace, Identified, Identity, Inventory, ListedGuest, NotIdentified } from './inventory.ts';
