export { type Checked, checkTree } from './tree.ts';
export { readFolder, readTreeFromDisk } from './disk.ts';
export { printCheck } from './print.ts';
