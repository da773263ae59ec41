import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readTreeFromDisk } from '../../src/check/index.ts';
import type { Tree } from '../../src/core/change-set.ts';
import type { SynthesisInput } from '../../src/synth/index.ts';
import { wants } from '../support/needs.ts';

export const root = join(import.meta.dirname, '..', '..');
export const template: Tree = readTreeFromDisk(join(root, 'infra'));

/** The template with some files changed; `undefined` takes one away. */
export function templateWith(changes: { [path: string]: string | undefined }): Tree {
  const tree = new Map(template);
  for (const [path, text] of Object.entries(changes)) {
    if (text === undefined) tree.delete(path);
    else tree.set(path, text);
  }
  return tree;
}

export function input(changes: Partial<SynthesisInput> = {}): SynthesisInput {
  return {
    code: template,
    data: template,
    modules: join(root, 'node_modules'),
    node: process.execPath,
    timeout: 30,
    ...changes,
  };
}

/** Stack code that writes one small stack without cdktn, so that a test of the child is quick. */
export const writesStack = (content: string): string => `
import { mkdirSync, writeFileSync } from 'node:fs';
mkdirSync('cdktf.out/stacks/one', { recursive: true });
writeFileSync('cdktf.out/stacks/one/cdk.tf.json', JSON.stringify(${content}));
`;

export const sharedSchema = join(root, '..', 'shared', 'data', 'bpg-proxmox-0.111.1-schema.json');
export const hasSharedSchema = wants('the provider schema of bpg/proxmox in ../shared/data', existsSync(sharedSchema));
