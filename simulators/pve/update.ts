import { applyKey, checkLock, cleanUpPending, digestOf } from './config.ts';
import type { PveError } from './errors.ts';
import { die, refuseParameters } from './errors.ts';
import type { Call } from './lab.ts';
import { demand } from './permissions.ts';
import type { Values } from './parameters.ts';
import type { Guest } from './world.ts';
import { keptValue } from './volumes.ts';
import { noteSize } from './world.ts';

/** What differs between a container's and a VM's configuration update. */
export interface UpdateRules {
  /** The message of a wrong digest: the two differ. */
  digestMessage: string;
  /** In which order PVE looks. */
  order: readonly ('lock' | 'digest' | 'privileges')[];
  /** Keys that no request may delete. */
  required: readonly string[];
  /** Keys that are set once, at the creation. */
  readOnly: readonly string[];
  privilege: (key: string) => string;
  /** Why no token may set the key, whatever its privileges. */
  rootOnly: (key: string) => PveError | undefined;
  known: (key: string) => boolean;
  /** Whether a running guest takes the key at once. */
  live: (guest: Guest, key: string) => boolean;
}

/**
 * `PUT …/config`: writes to the pending section, then puts into force what the guest's state allows; answers null.
 * The order of the checks is that of pve-container `PVE::API2::LXC::Config` (update_vm) and qemu-server
 * `PVE::API2::Qemu` (`$update_vm_api`).
 */
export function updateConfig(call: Call, guest: Guest, rules: UpdateRules): null {
  const change = readChange(call.values);
  checkNames(change, rules);
  const checks = {
    lock: () => checkLock(guest, call.trouble.lock),
    digest: () => checkDigest(guest, call.values.digest, rules),
    privileges: () => checkPrivileges(call, guest, change, rules),
  };
  for (const check of rules.order) checks[check]();
  checkDeletions(change, rules);
  writePending(guest, change);
  if (call.trouble.writtenThenRefused === true) refuseAfterWrite(guest, change, rules);
  takeEffect(guest, change, rules);
  noteSize(call.lab.world, guest, call.lab.now());
  return null;
}

// An empty digest is no digest: `assert_if_modified` asks for both to be set.
function checkDigest(guest: Guest, digest: string | number | undefined, rules: UpdateRules): void {
  if (digest !== undefined && digest !== '' && digest !== digestOf(guest)) die(rules.digestMessage);
}

function checkPrivileges({ token }: Call, guest: Guest, change: Change, rules: UpdateRules): void {
  for (const key of [...change.delete, ...change.revert, ...Object.keys(change.set)]) {
    const refused = rules.rootOnly(key);
    if (refused) throw refused;
    demand(token, `/vms/${guest.vmid}`, [rules.privilege(key)]);
  }
}

function checkDeletions(change: Change, rules: UpdateRules): void {
  const required = change.delete.find((key) => rules.required.includes(key));
  if (required !== undefined) die(`unable to delete required option '${required}'`);
  const fixed = [...Object.keys(change.set), ...change.delete].find((key) => rules.readOnly.includes(key));
  if (fixed !== undefined) die(`unable to modify read-only option: '${fixed}'`);
}

interface Change {
  set: Values;
  delete: string[];
  revert: string[];
}

/** PVE splits lists at commas, semicolons and blanks (pve-common `PVE::Tools::split_list`). */
export const splitList = (value: string | number | undefined): string[] =>
  String(value ?? '')
    .split(/[,;\s\0]+/)
    .filter((part) => part !== '');

// What a request carries beside options.
const notOptions = new Set(['node', 'vmid', 'digest', 'force', 'skiplock', 'background_delay', 'delete', 'revert']);

function readChange(values: Values): Change {
  const set = Object.fromEntries(Object.entries(values).filter(([key]) => !notOptions.has(key)));
  const change = { set, delete: splitList(values.delete), revert: splitList(values.revert) };
  // The digest is taken out first, so a body with nothing else is empty: 500, not 400.
  const empty = Object.keys(set).length === 0 && values.delete === undefined && values.revert === undefined;
  if (empty) die('no options specified');
  return change;
}

function checkNames(change: Change, rules: UpdateRules): void {
  for (const list of ['revert', 'delete'] as const) {
    for (const key of change[list]) {
      if (!rules.known(key)) refuseParameters({ [list]: `unknown option '${key}'` });
      if (change.set[key] !== undefined) {
        refuseParameters({ [list]: `you can't use '-${key}' and '-${list} ${key}' at the same time` });
      }
    }
  }
  const both = change.delete.find((key) => change.revert.includes(key));
  if (both !== undefined) {
    refuseParameters({ delete: `you can't use '-delete ${both}' and '-revert ${both}' at the same time` });
  }
}

function writePending(guest: Guest, change: Change): void {
  for (const key of change.revert) {
    Reflect.deleteProperty(guest.pending, key);
    guest.pendingDelete = guest.pendingDelete.filter((other) => other !== key);
  }
  for (const key of change.delete) {
    const isSet = guest.config[key] !== undefined || guest.pending[key] !== undefined;
    Reflect.deleteProperty(guest.pending, key);
    if (isSet && !guest.pendingDelete.includes(key)) guest.pendingDelete.push(key);
  }
  for (const [key, value] of Object.entries(change.set)) {
    guest.pending[key] = keptValue(guest, key, value);
    guest.pendingDelete = guest.pendingDelete.filter((other) => other !== key);
  }
  cleanUpPending(guest);
}

// A running guest takes the selected keys that can be changed live; a stopped one takes them all
// (`vmconfig_hotplug_pending` with `$modified` as selection, `vmconfig_apply_pending`).
function takeEffect(guest: Guest, change: Change, rules: UpdateRules): void {
  for (const key of [...change.delete, ...Object.keys(change.set)]) {
    if (guest.status === 'stopped' || rules.live(guest, key)) applyKey(guest, key);
  }
}

/**
 * A 400 that has written: hot-plugging one key failed after the pending section was saved and other keys had taken effect
 * (`raise_param_exc($errors)` at the end of qemu-server's `$updatefn`; containers likewise until pve-container stopped
 * saving after a hotplug error, and there the cgroup is changed all the same). The first key by name is applied, the rest stays pending.
 */
function refuseAfterWrite(guest: Guest, change: Change, rules: UpdateRules): never {
  const keys = [...change.delete, ...Object.keys(change.set)].toSorted();
  const [first = ''] = keys;
  if (keys.length > 1 && rules.live(guest, first)) applyKey(guest, first);
  const failed = keys.at(-1) ?? first;
  const problem = guest.type === 'lxc' ? `unable to hotplug ${failed}: simulated` : 'hotplug problem - simulated';
  refuseParameters({ [failed]: problem });
}
