import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { GiB, homeLab } from '../../../simulators/pve/index.ts';
import { sizeOf } from '../../../simulators/pve/world.ts';
import { labTime } from '../../support/pve-lab.ts';

const folder = join(import.meta.dirname, '../../../infra/guests');

interface Declared {
  name: string;
  node: string;
  vmid: number;
  type: string;
  cores: number;
  memory: number;
  swap?: number;
  disk: { storage: string; size: number };
  network: { bridge: string; address: string };
  tags: string[];
}

const declared = readdirSync(folder)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => parse(readFileSync(join(folder, file), 'utf8')) as Declared);

describe('the home lab', () => {
  const world = homeLab(labTime);

  it('has exactly the guests that the template declares', () => {
    expect(declared.map(({ vmid }) => vmid).toSorted()).toEqual([...world.guests.keys()].toSorted());
  });

  it.each(declared)('runs $name as it is declared', (guest) => {
    const live = world.guests.get(guest.vmid)!;
    expect(live).toMatchObject({
      type: guest.type,
      node: guest.node,
      status: 'running',
      diskSize: guest.disk.size * GiB,
    });
    expect(sizeOf(world, live)).toEqual({ cores: guest.cores, memory: guest.memory, swap: guest.swap ?? 0 });
    expect(live.config.hostname ?? live.config.name).toBe(guest.name);
    expect(live.config.tags).toBe(guest.tags.join(';'));
    expect(String(live.config.rootfs ?? live.config.scsi0)).toMatch(new RegExp(`^${guest.disk.storage}:`));
    expect(String(live.config.net0)).toContain(`bridge=${guest.network.bridge}`);
    expect(JSON.stringify([live.config.net0, live.agent])).toContain(guest.network.address);
  });
});
