import { parse } from 'yaml';
import type { AnsiblePlan } from '../core/ansible.ts';
import type { Tree } from '../core/change-set.ts';
import { sameValue } from '../core/json.ts';
import { inventoryOf } from './inventory.ts';
import { underReview } from './tree.ts';

type Group = { [part: string]: unknown };

/**
 * Whether a change of `ansible/` does nothing but to name hosts, each with its address alone, in groups that are there: then
 * no variable and no group of any other host is another one, and one that does not answer need not be asked.
 */
export function onlyAddsHosts(before: Tree, after: Tree): boolean {
  const { data, code } = underReview(before, after);
  const [file, ...more] = data;
  const files = inventoryOf(after)?.files ?? [];
  if (file === undefined || more.length > 0 || code.length > 0 || !files.includes(file)) return false;
  if (before.get(file) === undefined && inventoryOf(before) !== undefined) return false;
  const [was, is] = [groupsIn(before.get(file) ?? ''), groupsIn(after.get(file) ?? '')];
  if (was === undefined || is === undefined) return false;
  const known = new Set(Object.values(was).flatMap(hostsOf));
  const without = Object.fromEntries(Object.entries(is).map(([name, group]) => [name, withoutNew(group, known)]));
  const settled = Object.fromEntries(Object.entries(was).map(([name, group]) => [name, withoutNew(group, known)]));
  return sameValue(without, { ...(before.has(file) ? {} : { all: {} }), ...settled });
}

/** The plan without hosts that do not answer, which it names instead: nothing is said of them, and nothing runs there. */
export function leavingSilent(plan: AnsiblePlan, left: readonly string[] = []): AnsiblePlan {
  const silent = plan.hosts.filter(({ host, unreachable }) => unreachable !== undefined || left.includes(host));
  if (silent.length === 0) return plan;
  return {
    ...plan,
    hosts: plan.hosts.filter((host) => !silent.includes(host)),
    silent: silent.map(({ host }) => host),
  };
}

function groupsIn(text: string): Group | undefined {
  try {
    const value: unknown = parse(text, { logLevel: 'error' });
    return value === null ? {} : isMap(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function hostsOf(group: unknown): string[] {
  if (!isMap(group)) return [];
  const { hosts, children } = group;
  const below = isMap(children) ? Object.values(children).flatMap(hostsOf) : [];
  return [...(isMap(hosts) ? Object.keys(hosts) : []), ...below];
}

/** A group without hosts that are new and have an address alone; what is empty counts as not there. */
function withoutNew(group: unknown, known: ReadonlySet<string>): unknown {
  if (group === null) return {};
  if (!isMap(group)) return group;
  const { hosts, children, ...rest } = group;
  const kept = isMap(hosts)
    ? Object.entries(hosts).filter(([name, host]) => known.has(name) || !isPlain(name, host))
    : [];
  const below = isMap(children)
    ? Object.entries(children).map(([name, one]) => [name, withoutNew(one, known)] as const)
    : [];
  return {
    ...rest,
    ...(kept.length === 0 ? {} : { hosts: Object.fromEntries(kept) }),
    ...(below.length === 0 ? {} : { children: Object.fromEntries(below) }),
  };
}

/** A range stands for many, and may name one that is there. */
function isPlain(name: string, host: unknown): boolean {
  if (name.includes('[')) return false;
  return host === null || (isMap(host) && Object.keys(host).every((key) => key === 'ansible_host'));
}

function isMap(value: unknown): value is Group {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
