import type { Parameters } from './parameters.ts';
import { choice, flag, integer, number, text } from './parameters.ts';

const locks = ['backup', 'create', 'migrate', 'rollback', 'snapshot', 'snapshot-delete'];

/** Options of a container (pve-container `PVE::LXC::Config`, $confdesc). Property strings are not looked into. */
export const lxcOptions: Parameters = {
  arch: choice('amd64', 'i386', 'arm64', 'armhf', 'riscv32', 'riscv64'),
  cmode: choice('shell', 'console', 'tty'),
  console: flag(),
  cores: integer(1, 8192),
  cpulimit: number(0, 8192),
  cpuunits: integer(0, 500_000),
  debug: flag(),
  description: text({ maxLength: 8192 }),
  'dev[n]': text(),
  entrypoint: text(),
  env: text(),
  features: text(),
  hookscript: text(),
  hostname: text({ maxLength: 255 }),
  lock: choice(...locks, 'destroyed', 'disk', 'fstrim', 'mounted'),
  memory: integer(16),
  'mp[n]': text(),
  nameserver: text(),
  'net[n]': text(),
  onboot: flag(),
  ostype: choice(
    ...[
      'debian',
      'devuan',
      'ubuntu',
      'centos',
      'fedora',
      'opensuse',
      'archlinux',
      'alpine',
      'gentoo',
      'nixos',
      'unmanaged',
    ],
  ),
  protection: flag(),
  rootfs: text(),
  searchdomain: text(),
  startup: text(),
  swap: integer(0),
  tags: text(),
  template: flag(),
  timezone: text(),
  tty: integer(0, 6),
  unprivileged: flag(),
  'unused[n]': text(),
};

/** Options of a VM (qemu-server `PVE::QemuServer`, $confdesc); `memory` is a property string there, not an integer. */
export const qemuOptions: Parameters = {
  ...Object.fromEntries(
    ['acpi', 'allow-ksm', 'autostart', 'ciupgrade', 'freeze', 'kvm', 'localtime'].map((key) => [key, flag()]),
  ),
  ...Object.fromEntries(
    ['numa', 'onboot', 'protection', 'reboot', 'tablet', 'tdf', 'template'].map((key) => [key, flag()]),
  ),
  ...Object.fromEntries(
    ['affinity', 'agent', 'args', 'audio0', 'boot', 'cdrom', 'cicustom', 'cipassword'].map((key) => [key, text()]),
  ),
  ...Object.fromEntries(
    ['ciuser', 'cpu', 'efidisk0', 'hookscript', 'hotplug', 'machine', 'memory', 'name'].map((key) => [key, text()]),
  ),
  ...Object.fromEntries(
    ['nameserver', 'rng0', 'searchdomain', 'sshkeys', 'startup', 'tags', 'tpmstate0'].map((key) => [key, text()]),
  ),
  ...Object.fromEntries(
    ['vga', 'vmstatestorage', 'watchdog', 'hostpci[n]', 'ide[n]', 'ipconfig[n]'].map((key) => [key, text()]),
  ),
  ...Object.fromEntries(
    ['net[n]', 'numa[n]', 'sata[n]', 'scsi[n]', 'unused[n]', 'usb[n]', 'virtio[n]', 'virtiofs[n]'].map((key) => [
      key,
      text(),
    ]),
  ),
  arch: choice('x86_64', 'aarch64'),
  balloon: integer(0),
  bios: choice('seabios', 'ovmf'),
  bootdisk: text({ pattern: /^(ide|sata|scsi|virtio)\d+$/ }),
  citype: choice('configdrive2', 'nocloud', 'opennebula'),
  cores: integer(1),
  cpulimit: number(0, 128),
  cpuunits: integer(1, 262_144),
  description: text({ maxLength: 8192 }),
  keyboard: text(),
  lock: choice(...locks, 'clone', 'suspending', 'suspended'),
  ostype: choice(
    ...['other', 'wxp', 'w2k', 'w2k3', 'w2k8', 'wvista', 'win7', 'win8', 'win10', 'win11', 'l24', 'l26', 'solaris'],
  ),
  scsihw: choice('lsi', 'lsi53c810', 'virtio-scsi-pci', 'virtio-scsi-single', 'megasas', 'pvscsi'),
  'serial[n]': text({ pattern: /^(\/dev\/.+|socket)$/ }),
  shares: integer(0, 50_000),
  smbios1: text({ maxLength: 512 }),
  sockets: integer(1),
  vcpus: integer(1),
};

/** What `PUT …/config` takes beside the options. */
export const updateParameters: Parameters = { delete: text(), revert: text(), digest: text({ maxLength: 40 }) };
