import { createHash } from 'node:crypto';
import { die } from './errors.ts';
import type { Config, Guest } from './world.ts';

/** The configuration file as PVE writes it (pve-container `PVE::LXC::Config::write_pct_config`; a VM's is alike). */
export function printConfig(guest: Guest): string {
  const pending: Config = { ...guest.pending };
  if (guest.pendingDelete.length > 0) pending.delete = guest.pendingDelete.toSorted().join(',');
  const sections = [section(guest.config)];
  if (Object.keys(pending).length > 0) sections.push(`[pve:pending]\n${section(pending)}`);
  for (const [name, snapshot] of [...guest.snapshots].sort()) {
    const own = { snaptime: snapshot.snaptime, ...(snapshot.parent === undefined ? {} : { parent: snapshot.parent }) };
    sections.push(`[${name}]\n${comment(snapshot.description)}${section({ ...snapshot.config, ...own })}`);
  }
  return sections.join('\n');
}

/** SHA-1 of the whole file, so a pending value or a snapshot changes it too (`parse_pct_config`: `sha1_hex($raw)`). */
export function digestOf(guest: Guest): string {
  return createHash('sha1').update(printConfig(guest)).digest('hex');
}

/** Values with what is pending taken in (pve-guest-common `PVE::AbstractConfig::load_current_config`). */
export function withPending(guest: Guest): Config {
  const config = { ...guest.config, ...guest.pending };
  for (const key of guest.pendingDelete) Reflect.deleteProperty(config, key);
  return config;
}

/** `GET …/pending`: one entry per key (pve-guest-common `PVE::GuestHelpers::config_with_pending_array`). */
export function pendingList(guest: Guest): Record<string, unknown>[] {
  const current = Object.entries(guest.config).map(([key, value]) => ({
    key,
    value,
    ...(guest.pending[key] === undefined ? {} : { pending: guest.pending[key] }),
    ...(guest.pendingDelete.includes(key) ? { delete: 1 } : {}),
  }));
  const added = Object.entries(guest.pending).filter(([key]) => guest.config[key] === undefined);
  return [...current, { key: 'digest', value: digestOf(guest) }, ...added.map(([key, pending]) => ({ key, pending }))];
}

/** Drops what is pending but no longer different (`PVE::AbstractConfig::cleanup_pending`). */
export function cleanUpPending(guest: Guest): void {
  for (const [key, value] of Object.entries(guest.pending)) {
    if (String(guest.config[key]) === String(value)) Reflect.deleteProperty(guest.pending, key);
  }
  guest.pendingDelete = guest.pendingDelete.filter((key) => guest.config[key] !== undefined);
}

/** A start takes all pending values in (`vmconfig_apply_pending`). */
export function applyPending(guest: Guest): void {
  guest.config = withPending(guest);
  guest.pending = {};
  guest.pendingDelete = [];
}

/** Puts one pending value or deletion into force. */
export function applyKey(guest: Guest, key: string): void {
  const value = guest.pending[key];
  if (value !== undefined) guest.config[key] = value;
  else if (guest.pendingDelete.includes(key)) Reflect.deleteProperty(guest.config, key);
  Reflect.deleteProperty(guest.pending, key);
  guest.pendingDelete = guest.pendingDelete.filter((other) => other !== key);
}

/** `CT is locked (backup)`, 500 (`PVE::AbstractConfig::check_lock`, `guest_type`). */
export function checkLock(guest: Guest, held?: string): void {
  const lock = held ?? guest.config.lock;
  if (lock !== undefined) die(`${guest.type === 'lxc' ? 'CT' : 'VM'} is locked (${lock})`);
}

/** Refuses where the protection flag is set (`PVE::AbstractConfig::check_protection`). */
export function checkProtection(guest: Guest, what: string): void {
  if (Number(guest.config.protection ?? 0) !== 0) die(`${what} - protection mode enabled`);
}

/** The parts of a property string, `name=eth0,bridge=vmbr0`; a part without a name is the value of `first`. */
export function parseProperties(value: string | number | undefined, first = ''): Map<string, string> {
  const parts = String(value ?? '')
    .split(',')
    .filter((part) => part !== '');
  return new Map(parts.map((part) => (part.includes('=') ? splitAt(part, '=') : [first, part])));
}

function splitAt(part: string, mark: string): [string, string] {
  const at = part.indexOf(mark);
  return [part.slice(0, at), part.slice(at + 1)];
}

function section(config: Config): string {
  const lines = Object.entries(config)
    .filter(([key]) => key !== 'description')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}: ${value}\n`);
  return comment(String(config.description ?? '')) + lines.join('');
}

const comment = (text: string): string =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => `#${encodeURIComponent(line)}\n`)
    .join('');
