import { z } from 'zod';
import { amount, count, textLike } from '../../config/fields.ts';
import { say } from '../../config/read-yaml.ts';
import { shown } from '../../config/words.ts';
import { leavable } from '../../core/declared-guest.ts';

// Ranges are those of Proxmox VE's own API (PUT …/lxc/V/config and …/qemu/V/config); upper ones keep typing errors out.
const mebibytes = { max: 16 * 1024 * 1024 };

/** A DNS label: Proxmox VE takes the name as the host name. */
const hostName = textLike(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'a host name of a-z, 0-9 and -', (text) => {
  const meant = text
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);
  return meant === '' ? '' : `did you mean ${meant}?`;
});

const network = z.strictObject({
  bridge: textLike(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/, 'a bridge', () => 'write vmbr0 or the like'),
  address: inetAddress({ prefix: true }).exactOptional(),
  gateway: inetAddress({ prefix: false }).exactOptional(),
});

/**
 * guests/<name>.yaml. Memory and swap in MiB, disk in GiB. That a container always has a swap and a virtual machine
 * never, is said beside the other faults (read.ts), not instead of them.
 */
export const guestSchema = z.strictObject({
  type: z.enum(['lxc', 'qemu']),
  name: hostName,
  cluster: textLike(/^[a-z0-9][a-z0-9-]{0,62}$/, 'a cluster of gitmend.yaml'),
  node: textLike(
    /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/,
    'a node',
    () => 'write its short name, without the domain',
  ),
  vmid: count({ min: 100, max: 999_999_999 }),
  cores: count({ min: 1, max: 8192 }),
  memory: amount('MiB', { min: 16, ...mebibytes }),
  swap: amount('MiB', { min: 0, ...mebibytes }).exactOptional(),
  disk: z.strictObject({
    storage: textLike(/^[A-Za-z][A-Za-z0-9_.-]{0,99}$/, 'a storage', () => 'write local-lvm or the like'),
    size: amount('GiB', { min: 1, max: 1024 * 1024 }),
  }),
  network,
  tags: z.array(textLike(/^[a-z0-9_][a-z0-9_+.-]{0,63}$/, 'a tag of a-z, 0-9, _, -, + and .')).default([]),
  carries: z.array(z.enum(['forge', 'gitmend', 'prometheus', 'state'])).default([]),
  started: z.boolean().exactOptional(),
  protection: z.boolean().exactOptional(),
  clone: z.strictObject({ from: count({ min: 100, max: 999_999_999 }) }).exactOptional(),
  leave: z.array(z.enum(leavable)).exactOptional(),
});

function inetAddress({ prefix }: { prefix: boolean }): z.ZodType<string, string> {
  return z.string().transform((text, context) => {
    const wrong = wrongAddress(text, prefix);
    if (wrong === undefined) return text;
    context.addIssue({ code: 'custom', message: wrong });
    return z.NEVER;
  });
}

function wrongAddress(text: string, prefix: boolean): string | undefined {
  const [address = '', length, ...rest] = text.split('/');
  const bits = z.ipv4().safeParse(address).success ? 32 : z.ipv6().safeParse(address).success ? 128 : 0;
  if (bits === 0 || rest.length > 0)
    return say(`${shown(text)} is not an IP address`, prefix ? 'write 192.168.1.20/24, or leave it out for DHCP' : '');
  if (!prefix)
    return length === undefined
      ? undefined
      : say(`${shown(text)} is not the address of a gateway`, `did you mean ${address}?`);
  if (length === undefined)
    return say(`${shown(text)} lacks the length of its network`, `did you mean ${address}/${bits === 32 ? 24 : 64}?`);
  const valid = /^(0|[1-9][0-9]{0,2})$/.test(length) && Number(length) <= bits;
  return valid ? undefined : say(`${shown(text)} has no network of that length`, `write /0 to /${bits}`);
}
