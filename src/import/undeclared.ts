import type { GuestType } from '../core/target.ts';
import { propertiesOf } from '../clients/proxmox/index.ts';

/** A setting that a guest's file cannot say. Terraform and gitmend leave it as it is. */
export interface Undeclared {
  /** As Proxmox VE calls it: `mp0`, `net0.firewall`. */
  key: string;
  why: string;
}

/** What is Proxmox VE's own, or comes of what is declared: nobody would declare it. */
const own =
  /^(?:arch|boot|bootdisk|digest|lock|meta|ostype|parent|runningcpu|runningmachine|running-nets-host-mtu|smbios1|snaptime|snapstate|snapshots|template|vmgenid|vmstate)$/;

const declared: { readonly [T in GuestType]: RegExp } = {
  lxc: /^(?:cores|hostname|memory|net0|rootfs|swap|tags)$/,
  qemu: /^(?:cores|memory|name|net0|tags)$/,
};

/** Why not, by the key alone; the first that matches. What is inside is never looked at: it may be a secret. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/^(?:cipassword|sshkeys|ciuser|cicustom|citype|ciupgrade)$/, 'cloud-init: holds secrets, and is never written down'],
  [/passw|secret|token|key|credential/i, 'may hold a secret, and is never written down'],
  [/^protection$/, 'import leaves it out of a file; gitmend guest protect or unprotect declares it'],
  [/^description$/, 'a note may hold anything, and is never read'],
  [/^(?:args|lxc(?:\..*)?)$/, 'a raw setting, which is never read'],
  [/^env$/, 'an environment may hold secrets, and is never written down'],
  [/^(?:ipconfig\d+|nameserver|searchdomain)$/, 'a file says one address and gateway, of the first card'],
  [/^mp\d+$/, 'a file declares the root disk alone, no mount points'],
  [/^net\d+$/, 'a file declares the first network card alone'],
  [/^(?:scsi|virtio|sata|ide)\d+$/, 'a file declares the disk alone that the guest boots from'],
  [/^(?:efidisk|tpmstate)\d+$/, 'a file declares the disk alone that the guest boots from'],
  [/^unused\d+$/, 'a disk that is not attached'],
  [/^(?:dev|hostpci|usb|serial|parallel|virtiofs)\d+$/, 'a device of the host'],
];
const noField = 'a file has no field for it';

/** Settings of a guest that its file does not say, in the order of their names. `disk`: the key that declares its disk. */
export function undeclaredOf(type: GuestType, keys: { readonly [key: string]: unknown }, disk: string): Undeclared[] {
  const beside = Object.keys(keys).filter((key) => !own.test(key) && !declared[type].test(key) && key !== disk);
  const inside = type === 'lxc' && keys['unprivileged'] === 1 ? beside.filter((key) => key !== 'unprivileged') : beside;
  const isFirst = (key: string) =>
    key === 'ipconfig0' && Object.keys(propertiesOf(keys[key])).every((part) => /^(?:ip|gw)$/.test(part));
  const whole = inside.filter((key) => !isFirst(key)).map((key) => ({ key: plain(key), why: whyNot(key) }));
  const parts = [...partsOf(keys, 'net0', cardParts), ...partsOf(keys, disk, diskParts)];
  return [...whole, ...parts].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Of a network card and of a disk these are declared, or are Proxmox VE's own. */
const cardParts = /^(?:bridge|gw|hwaddr|ip|name|type|virtio|e1000|e1000e|rtl8139|vmxnet3|macaddr|model)$/;
const diskParts = /^(?:size|file|volume|format)$/;

function partsOf(keys: { readonly [key: string]: unknown }, key: string, known: RegExp): Undeclared[] {
  const parts = propertiesOf(keys[key]);
  // Where there is no other address, this one is declared.
  const taken = parts['ip'] === undefined ? ['ip6', 'gw6'] : [];
  const names = Object.keys(parts).filter((name) => !known.test(name) && !taken.includes(name));
  return names.map((name) => ({ key: `${key}.${plain(name)}`, why: noField }));
}

function whyNot(key: string): string {
  return reasons.find(([pattern]) => pattern.test(key))?.[1] ?? noField;
}

/** Keys are Proxmox VE's words; what is none is not repeated. */
function plain(key: string): string {
  return /^[A-Za-z][A-Za-z0-9_.-]{0,40}$/.test(key) ? key : '(a key that is no word)';
}
