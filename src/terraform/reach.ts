import { sameValue } from '../core/json.ts';

/** Synthesized stacks by name: the objects of their cdk.tf.json. */
export interface Stacks {
  readonly [stack: string]: unknown;
}

/** What of one stack a difference of two syntheses can reach: nothing else of it is planned. */
export interface Reach {
  stack: string;
  /** Sorted: what differs, and what refers to it. `-target` of the plan. */
  addresses: string[];
  /** Of these, whose block is gone. */
  removed: string[];
  /** Sorted. Parts that are of the whole stack and differ (`provider`, `locals` …): then `addresses` is every one. */
  parts: string[];
}

/**
 * The stacks that differ, by name, each with the addresses that the difference can reach. What cdktn notes beside a block
 * (`//`) is none. A stack that comes is reached as a whole; one that goes has all of its blocks removed.
 */
export function reachOf(before: Stacks, after: Stacks): Reach[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((stack) => {
    const reach = reachIn(stack, read(before[stack]), read(after[stack]));
    return reach.addresses.length + reach.parts.length === 0 ? [] : [reach];
  });
}

/** Whether two syntheses are the same to the last letter. */
export function sameText(before: Stacks, after: Stacks): boolean {
  return sameValue(before, after);
}

/** Addresses of everything that a stack declares and Terraform can be targeted at. */
export function addressesIn(config: unknown): string[] {
  return [...read(config).blocks.keys()].sort();
}

function reachIn(stack: string, was: Parsed, is: Parsed): Reach {
  const parts = differing(was.parts, is.parts).sort();
  const removed = [...was.blocks.keys()].filter((address) => !is.blocks.has(address)).sort();
  if (parts.length > 0) {
    const all = new Set([...was.blocks.keys(), ...is.blocks.keys()]);
    return { stack, addresses: [...all].sort(), removed, parts };
  }
  const changed = differing(was.blocks, is.blocks);
  // An import or a move that differs is about the addresses that it names, though their own blocks stay.
  const named = differing(was.about, is.about).flatMap((key) => [
    ...(was.named.get(key) ?? []),
    ...(is.named.get(key) ?? []),
  ]);
  return { stack, addresses: [...withDependents(new Set([...changed, ...named]), is.blocks)].sort(), removed, parts };
}

interface Parsed {
  /** By address: resources, data sources, calls of modules. */
  blocks: Map<string, unknown>;
  /** import, moved and removed blocks, by what they say. */
  about: Map<string, unknown>;
  /** The addresses that each of these names. */
  named: Map<string, string[]>;
  /** Everything that is of the whole stack. */
  parts: Map<string, unknown>;
}

function read(config: unknown): Parsed {
  const parsed: Parsed = { blocks: new Map(), about: new Map(), named: new Map(), parts: new Map() };
  for (const [section, content] of entries(config)) {
    if (section === 'resource' || section === 'data') {
      const prefix = section === 'data' ? 'data.' : '';
      for (const [type, named] of entries(content))
        for (const [name, block] of entries(named)) parsed.blocks.set(`${prefix}${type}.${name}`, plain(block));
    } else if (section === 'module') {
      for (const [name, block] of entries(content)) parsed.blocks.set(`module.${name}`, plain(block));
    } else if (section === 'import' || section === 'moved' || section === 'removed') {
      for (const block of [content].flat()) {
        const key = `${section} ${JSON.stringify(plain(block))}`;
        parsed.about.set(key, true);
        parsed.named.set(key, addressesNamed(block));
      }
    } else parsed.parts.set(section, plain(content));
  }
  return parsed;
}

/** `to` and `from` without the key of one instance. */
function addressesNamed(block: unknown): string[] {
  return entries(block).flatMap(([key, value]) =>
    (key === 'to' || key === 'from') && typeof value === 'string' ? [value.replace(/\[.*$/, '')] : [],
  );
}

function differing(was: ReadonlyMap<string, unknown>, is: ReadonlyMap<string, unknown>): string[] {
  const all = new Set([...was.keys(), ...is.keys()]);
  return [...all].filter((key) => was.has(key) !== is.has(key) || !sameValue(was.get(key), is.get(key)));
}

/** With whatever refers to one of them, directly or through others: its own text stays, and its plan may not. */
function withDependents(seeds: ReadonlySet<string>, blocks: ReadonlyMap<string, unknown>): Set<string> {
  const users = new Map<string, string[]>();
  for (const [address, block] of blocks)
    for (const used of referencesIn(block)) users.set(used, [...(users.get(used) ?? []), address]);
  const reached = new Set(seeds);
  for (const address of reached) for (const user of users.get(address) ?? []) reached.add(user);
  return reached;
}

const chain = /[\p{L}_][\p{L}\p{N}_-]*(?:\.[\p{L}_][\p{L}\p{N}_-]*)+/gu;

/** The addresses that a block's text could name. What names nothing that is there does no harm. */
function referencesIn(block: unknown): Set<string> {
  const found = JSON.stringify(block).match(chain) ?? [];
  return new Set(
    found.map((text) => {
      const words = text.split('.');
      return words.slice(0, words[0] === 'data' ? 3 : 2).join('.');
    }),
  );
}

/** Without what cdktn notes beside it. Further in, `//` is a key like any other: Terraform evaluates the values of maps. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(entries(value));
}

function entries(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value).filter(([key]) => key !== '//') : [];
}
