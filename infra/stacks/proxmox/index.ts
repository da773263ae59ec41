export { Container, type ContainerAttributes, VirtualMachine, type VirtualMachineAttributes } from './guests.ts';
export { LinuxBridge, type LinuxBridgeAttributes, LinuxVlan, type LinuxVlanAttributes } from './network.ts';
export { Pool, type PoolAttributes, PoolMembership, type PoolMembershipAttributes } from './pool.ts';
export { ProxmoxProvider } from './resource.ts';
export { BackupJob, type BackupJobAttributes, DownloadedFile, type DownloadedFileAttributes } from './storage.ts';
