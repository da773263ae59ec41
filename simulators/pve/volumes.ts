import { parseProperties } from './config.ts';
import { GiB } from './load.ts';
import type { Guest } from './world.ts';

const volumes = { lxc: /^(rootfs|mp\d+)$/, qemu: /^(ide|scsi|virtio|sata|efidisk|tpmstate)\d+$/ };
const firstKey = { lxc: 'volume', qemu: 'file' };

/**
 * A volume's property string as PVE keeps it: the volume first and without its key, the rest by name, its size in words.
 * A size that the request leaves out is the one it has (pve-container `print_ct_mountpoint`; qemu-server `print_drive`,
 * and `create_disks`, which reads the size from the storage).
 */
export function keptValue(guest: Guest, key: string, value: string | number): string | number {
  if (!volumes[guest.type].test(key)) return value;
  const first = firstKey[guest.type];
  const parts = parseProperties(value, first);
  const volume = parts.get(first);
  if (volume === undefined) return value;
  parts.delete(first);
  const size = parts.get('size') ?? sizeNow(guest, key, volume);
  if (size !== undefined) parts.set('size', sizeInWords(size));
  const rest = [...parts].sort(([a], [b]) => (a < b ? -1 : 1));
  return [volume, ...rest.map(([name, part]) => `${name}=${part}`)].join(',');
}

function sizeNow(guest: Guest, key: string, volume: string): string | undefined {
  const now = parseProperties(guest.config[key], 'volume');
  return now.get('volume') === volume ? now.get('size') : undefined;
}

// pve-common `PVE::JSONSchema::format_size`: the largest unit that divides it.
function sizeInWords(size: string): string {
  const bytes = Number(size);
  return Number.isInteger(bytes) && bytes > 0 && bytes % GiB === 0 ? `${bytes / GiB}G` : size;
}

/** A guest's volumes on one storage, as a listing has them. */
export function guestVolumes(
  guest: Guest,
  storage: string,
): { volid: string; vmid: number; size: number; content: 'rootdir' | 'images' }[] {
  const { vmid, type, config } = guest;
  const kept = Object.entries(config).filter(([key]) => volumes[type].test(key));
  return kept.flatMap(([, value]) => {
    const parts = parseProperties(value, firstKey[type]);
    const volid = parts.get(firstKey[type]) ?? '';
    const [, gib] = /^(\d+)G$/.exec(parts.get('size') ?? '') ?? [];
    const size = gib === undefined ? guest.diskSize : Number(gib) * GiB;
    return volid.startsWith(`${storage}:`)
      ? [{ volid, vmid, size, content: type === 'lxc' ? 'rootdir' : 'images' }]
      : [];
  });
}
