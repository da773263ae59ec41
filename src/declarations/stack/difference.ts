import { shown } from '../../config/words.ts';
import { sameValue } from '../../core/json.ts';

/** Synthesized stacks by name: the objects of their cdk.tf.json. */
export interface Stacks {
  readonly [stack: string]: unknown;
}

/**
 * What differs between two syntheses, one line each, sorted: `proxmox_virtual_environment_container.postgres.memory.dedicated:
 * 2048 → 3072`, `proxmox_…_vm.web: added`. Lines name their stack where there are several. Metadata (`//`) is left out;
 * values that may be secret are not shown.
 */
export function stackDifference(before: Stacks, after: Stacks): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) => {
    const prefix = names.length > 1 ? `${shown(name)}: ` : '';
    return blocksDifference(blocksOf(before[name]), blocksOf(after[name])).map((line) => prefix + line);
  });
}

type Blocks = ReadonlyMap<string, unknown>;

function blocksDifference(before: Blocks, after: Blocks): string[] {
  const addresses = [...new Set([...before.keys(), ...after.keys()])].sort();
  return addresses.flatMap((address) => {
    if (!before.has(address)) return [`${address}: added`];
    if (!after.has(address)) return [`${address}: removed`];
    return valueDifference(address, before.get(address), after.get(address));
  });
}

/** Terraform's addresses: `type.name` for resources, `data.type.name`, `provider.x`, `import.<address>` … */
function blocksOf(stack: unknown): Blocks {
  const blocks = new Map<string, unknown>();
  for (const [section, content] of entriesOf(stack)) {
    if (section === 'resource' || section === 'data') {
      const prefix = section === 'data' ? 'data.' : '';
      for (const [type, named] of entriesOf(content)) {
        for (const [name, block] of entriesOf(named)) blocks.set(`${prefix}${shown(type)}.${shown(name)}`, block);
      }
    } else
      for (const [name, block] of entriesOf(content))
        blocks.set(`${shown(section)}.${shown(nameOf(name, block))}`, block);
  }
  return blocks;
}

/** An import is found by what it imports to, so that a new one in front of it does not rename it. */
function nameOf(name: string, block: unknown): string {
  const to = isNested(block) ? (block as { to?: unknown }).to : undefined;
  return typeof to === 'string' ? to : name;
}

function valueDifference(path: string, was: unknown, is: unknown): string[] {
  const [before, after] = [placeless(was), placeless(is)];
  if (sameValue(before, after)) return [];
  if (isWords(before) && isWords(after)) return wordsDifference(path, before, after);
  const nested = isNested(before) && isNested(after) && Array.isArray(before) === Array.isArray(after);
  if (!nested) return [`${path}: ${printValue(path, before)} → ${printValue(path, after)}`];
  const [old, fresh] = [new Map(entriesOf(before)), new Map(entriesOf(after))];
  const keys = [...new Set([...old.keys(), ...fresh.keys()])];
  return keys.flatMap((key) =>
    valueDifference(Array.isArray(before) ? `${path}[${key}]` : `${path}.${shown(key)}`, old.get(key), fresh.get(key)),
  );
}

/**
 * A path below the folder in which stacks are synthesized is told from there: that folder is another one every time, so a
 * plan would never be the same twice, and where it lay is nobody's business. cdktn writes one where a stack has no backend.
 */
function placeless(value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/^\/\S*?\/gitmend-synth-[^/\s]+/, '.') : value;
}

/** A list of different words (`ignore_changes`, `tags`): one that goes must not read as if each behind it changed. */
function isWords(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string') && new Set(value).size === value.length;
}

function wordsDifference(path: string, before: readonly string[], after: readonly string[]): string[] {
  const gone = before.filter((word) => !after.includes(word));
  const fresh = after.filter((word) => !before.includes(word));
  if (gone.length + fresh.length === 0) return [`${path}: in another order`];
  return [
    ...gone.map((word) => `${path}: no longer ${printValue(path, word)}`),
    ...fresh.map((word) => `${path}: also ${printValue(path, word)}`),
  ];
}

function printValue(path: string, value: unknown): string {
  if (value === undefined) return 'not set';
  return /password|secret|token|private_?key|credential/i.test(path) ? '(not shown)' : shown(JSON.stringify(value));
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function entriesOf(value: unknown): [string, unknown][] {
  return isNested(value) ? Object.entries(value).filter(([key]) => key !== '//') : [];
}
