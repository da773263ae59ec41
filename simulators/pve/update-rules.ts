import type { UpdateRules } from './update.ts';
import { lxcOptions, qemuOptions } from './options.ts';
import { PveError } from './errors.ts';
import type { Guest } from './world.ts';

// pve-container `PVE::LXC::Config`: $LXC_FASTPLUG_OPTIONS, and what vmconfig_hotplug_pending handles besides.
const lxcLive =
  /^(description|onboot|startup|protection|hostname|hookscript|cores|tags|lock|memory|swap|cpulimit|cpuunits|net\d+)$/;

/** Containers: memory, swap, cores, cpulimit, cpuunits and network change at once; new mount points and devices too. */
export const lxcRules: UpdateRules = {
  digestMessage: 'detected modified configuration - file changed by other user? Try again.', // PVE::Tools::assert_if_modified
  order: ['lock', 'digest', 'privileges'],
  required: ['memory', 'rootfs', 'ostype'],
  readOnly: ['unprivileged'],
  privilege: lxcPrivilege,
  rootOnly: lxcRootOnly,
  known: (key) => isOption(lxcOptions, key),
  live: (guest, key) => lxcLive.test(key) || (/^(mp|dev)\d+$/.test(key) && guest.config[key] === undefined),
};

// qemu-server `PVE::QemuServer`: $fast_plug_option, and vmconfig_hotplug_pending.
const qemuLive =
  /^(description|hookscript|lock|migrate_downtime|migrate_speed|name|onboot|protection|shares|startup|tags|vmstatestorage|cpuunits|cpulimit|agent)$/;

/** VMs: most things wait for a reboot; `hotplug` says what does not. */
export const qemuRules: UpdateRules = {
  digestMessage: 'checksum mismatch (file change by other user?)', // PVE::API2::Qemu, $load_and_check_config
  order: ['privileges', 'digest', 'lock'],
  required: [],
  readOnly: [],
  privilege: qemuPrivilege,
  rootOnly: qemuRootOnly,
  known: (key) => isOption(qemuOptions, key),
  live: (guest, key) => qemuLive.test(key) || hotplugs(guest, key),
};

/** The default is network, disk and usb; memory also needs `numa` (qemu-server `parse_hotplug_features`, `qemu_memory_hotplug`). */
export function hotplugFeatures(guest: Guest): string[] {
  const value = String(guest.config.hotplug ?? '1');
  if (value === '0') return [];
  return value === '1' ? ['network', 'disk', 'usb'] : value.split(/[,;]/);
}

// `cores` and `sockets` are in no branch of vmconfig_hotplug_pending: with hotplug=cpu it is `vcpus` that changes live.
function hotplugs(guest: Guest, key: string): boolean {
  const features = hotplugFeatures(guest);
  if (key === 'memory') return features.includes('memory') && Number(guest.config.numa ?? 0) === 1;
  if (key === 'vcpus') return features.includes('cpu');
  if (/^net\d+$/.test(key)) return features.includes('network');
  return /^(scsi|virtio)\d+$/.test(key) && features.includes('disk');
}

// pve-container `PVE::LXC::check_ct_modify_config_perm`
function lxcPrivilege(key: string): string {
  if (/^(cores|cpuunits|cpulimit)$/.test(key)) return 'VM.Config.CPU';
  if (/^(memory|swap)$/.test(key)) return 'VM.Config.Memory';
  if (/^(rootfs|mp\d+)$/.test(key)) return 'VM.Config.Disk';
  if (/^(net\d+|nameserver|searchdomain|hostname)$/.test(key)) return 'VM.Config.Network';
  return 'VM.Config.Options';
}

// The same function: a token is never root@pam.
function lxcRootOnly(key: string): PveError | undefined {
  if (key === 'hookscript') return notPermitted('changing the hookscript is only allowed for root@pam');
  if (key === 'features') {
    return notPermitted('changing feature flags (except nesting) is only allowed for root@pam');
  }
  return /^dev\d+$/.test(key) ? notPermitted('configuring device passthrough is only allowed for root@pam') : undefined;
}

const notPermitted = (what: string): PveError => new PveError(403, `Permission check failed (${what})\n`);

// qemu-server `$check_vm_modify_config_perm`, what is in none of its lists: a plain die.
function qemuRootOnly(key: string): PveError | undefined {
  const unlisted = /^(affinity|args|hookscript|lock)$/.test(key);
  return unlisted ? new PveError(500, `only root can set '${key}' config\n`) : undefined;
}

// qemu-server `PVE::API2::Qemu`: $cpuoptions, $memoryoptions, $hwtypeoptions, $diskoptions, $cloudinitoptions
function qemuPrivilege(key: string): string {
  if (/^(cores|cpu|cpulimit|cpuunits|numa\d*|sockets|vcpus)$/.test(key)) return 'VM.Config.CPU';
  if (/^(memory|balloon|shares|allow-ksm)$/.test(key)) return 'VM.Config.Memory';
  if (/^(acpi|hotplug|kvm|machine|scsihw|smbios1|tablet|vga|watchdog|audio0|rng0)$/.test(key))
    return 'VM.Config.HWType';
  if (/^(boot|bootdisk|vmstatestorage|(scsi|virtio|ide|sata|efidisk|tpmstate)\d+)$/.test(key)) return 'VM.Config.Disk';
  if (/^net\d+$/.test(key)) return 'VM.Config.Network';
  if (/^(ci\w+|ipconfig\d+|sshkeys|nameserver|searchdomain)$/.test(key)) return 'VM.Config.Cloudinit';
  return 'VM.Config.Options';
}

const isOption = (options: object, key: string): boolean => key in options || key.replace(/\d+$/, '[n]') in options;
