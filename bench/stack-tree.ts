import { fileURLToPath } from 'node:url';
import { readTreeFromDisk } from '../src/check/index.ts';
import type { Tree } from '../src/core/change-set.ts';
import type { PveOpened } from './pve-process.ts';
import { shortFile } from './short-guest.ts';

/** Where stacks of the bench go: Proxmox VE, and the folder with its provider. */
export interface BenchPve extends PveOpened {
  mirror: string;
}

/** The template with so many containers in place of its own guests, on this Proxmox VE, and with Terraform switched on. */
export function stackTree(guests: number, { endpoint, ca, mirror }: BenchPve): Tree {
  const template = readTreeFromDisk(fileURLToPath(new URL('../infra', import.meta.url)));
  const postgres = template.get('guests/postgres.yaml') ?? '';
  const config = [
    'version: 1',
    'forge: { kind: local }',
    'approvers: [maintainer]',
    `clusters: [{ name: home, endpoint: "${endpoint}", ca: certs/pve-root-ca.pem, read: env:GITMEND_PVE_READ }]`,
    `terraform: { program: terraform, mirror: ${mirror}, timeout: 15m }`,
  ];
  return new Map([
    ...[...template].filter(([path]) => !path.startsWith('guests/')),
    ['gitmend.yaml', `${config.join('\n')}\n`],
    ['certs/pve-root-ca.pem', ca],
    ...Array.from(
      { length: guests },
      (_, index) => [`guests/short-${index}.yaml`, shortFile(postgres, index)] as const,
    ),
  ]);
}

/** The same with a larger disk for one of them: what only Terraform does. GiB. */
export function grown(tree: Tree, index: number, size: number): Tree {
  const path = `guests/short-${index}.yaml`;
  const text = tree.get(path) ?? '';
  const changed = text.replace('size: 32', `size: ${size}`);
  if (changed === text) throw new Error(`${path} has no disk of 32 GiB`);
  return new Map([...tree, [path, changed]]);
}
