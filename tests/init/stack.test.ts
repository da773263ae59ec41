import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { readTreeFromDisk } from '../../src/check/index.ts';
import { newTree } from '../../src/init/tree.ts';
import { synthesize } from '../../src/synth/index.ts';

const root = resolve(import.meta.dirname, '../..');
const template = {
  infra: readTreeFromDisk(resolve(root, 'infra')),
  policies: readTreeFromDisk(resolve(root, 'policies')),
};
const cluster = { name: 'home', endpoint: 'https://pve1:8006', fingerprint: 'AB'.repeat(32), exporters: [] };
const answers = { cluster, people: ['alice'], forge: { kind: 'local' as const }, runner: 'builtin' as const };
const guest = {
  ...{ name: 'web', node: 'pve1', vmid: 100, type: 'lxc' as const, cores: 1, memory: 512, swap: 0 },
  ...{ disk: { storage: 'local-lvm', size: 8 }, network: { bridge: 'vmbr0' }, tags: [] },
  reached: { why: 'it does not run' },
};

it.each([
  ['no guest', []],
  ['one guest', [guest]],
])('the stacks of a new repository with %s synthesize', { timeout: 60_000 }, async (_words, guests) => {
  const tree = newTree(template, answers, guests);
  const modules = resolve(root, 'node_modules');
  const result = await synthesize({ code: tree, data: tree, modules, node: process.execPath, timeout: 60 });
  expect(result).toMatchObject({ ok: true });
  const imports = result.ok ? (result.stacks['guests'] as { import?: { id: string }[] }).import : undefined;
  expect((imports ?? []).map(({ id }) => id)).toEqual(guests.map(({ node, vmid }) => `${node}/${vmid}`));
});
