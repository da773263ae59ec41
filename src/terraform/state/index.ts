export { againstBackend, keptByGitmend, stateAddress } from './backend.ts';
export { readDocument, readLock, stackName, type LockInfo, type StateDocument } from './document.ts';
export {
  judgeDelete,
  judgeUnlock,
  judgeWrite,
  type HeldLock,
  type KeptState,
  type Refused,
  type StateRole,
} from './rules.ts';
export { nonceBytes, readKey, seal, type Sealed, type StateKey, type StateKeys, unseal } from './seal.ts';
