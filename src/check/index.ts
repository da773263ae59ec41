export { type Checked, checkTree } from './tree.ts';
export { readTreeFromDisk } from './disk.ts';
export { printCheck } from './print.ts';
