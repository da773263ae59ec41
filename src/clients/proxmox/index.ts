export { type Archive, findArchive } from './archives.ts';
export { readBackup, readRunning } from './backups.ts';
export { proxmoxClient, type ProxmoxClient, type ProxmoxClientOptions } from './client.ts';
export { type GuestAddress, readAddresses } from './addresses.ts';
export {
  bootDiskOf,
  type GuestConfig,
  type GuestPlace,
  type Pending,
  readConfig,
  readPending,
  readWholeConfig,
  type WholeConfig,
} from './config.ts';
export { freeId, isFreeId } from './free-id.ts';
export {
  demandSight,
  listGuests,
  type ListedGuest,
  locateGuest,
  readGuest,
  readSeen,
  type SeenGuest,
} from './guests.ts';
export {
  checkMigration,
  type MigrationCheck,
  type NodeStorage,
  readBridges,
  readDiskKey,
  readNodes,
  readStorages,
} from './placement.ts';
export { type Network, propertiesOf, readNetwork } from './network.ts';
export { mayAny } from './sight.ts';
export {
  type GuestStatus,
  type NodeStatus,
  readNode,
  readRrd,
  readStatus,
  readVersion,
  type RrdPoint,
  type Stalls,
  type Timeframe,
} from './status.ts';
export { readTies } from './ties.ts';
export { isForManager, type TaskEnd, waitAnswered, waitTask } from './tasks.ts';
