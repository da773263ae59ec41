import { failed, stackIn, withoutFile, withoutStacks } from './folder.ts';
import { limits } from './sandbox/limits.ts';

/** cdk.tf.json by stack as it was written; undefined where there was no such file, its size in bytes where it was too large. */
export type Texts = ReadonlyMap<string, string | number | undefined>;

/** What came out of the sandbox (src/synth/sandbox/collect.ts). It is as untrusted as the code in there: undefined for anything else. */
export function texts(output: string): { code: number | null; texts: Texts; why?: string } | undefined {
  const said = objectIn(output);
  const { code, stacks, why } = said ?? {};
  if ((typeof code !== 'number' && code !== null) || !Array.isArray(stacks)) return undefined;
  const entries = stacks.map((one: unknown): [string, string | number | undefined] => {
    const { name, text, size } = (typeof one === 'object' && one !== null ? one : {}) as { [key: string]: unknown };
    const found = typeof text === 'string' ? text : typeof size === 'number' ? size : undefined;
    return [typeof name === 'string' ? name : '', found];
  });
  return { code, texts: new Map(entries), ...(typeof why === 'string' ? { why: why.slice(0, 40) } : {}) };
}

function objectIn(text: string): { [key: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as { [key: string]: unknown }) : undefined;
  } catch {
    return undefined;
  }
}

/** The stacks that untrusted code wrote. Throws SYNTH_FAILED for what is none. */
export function collected(found: Texts): { [stack: string]: unknown } {
  if (found.size === 0) throw withoutStacks();
  if (found.size > limits.stacks)
    throw failed(`${found.size} stacks are more than the ${limits.stacks} that the sandbox takes`);
  return Object.fromEntries([...found].map(([name, text]) => [name, stackOf(name, text)]));
}

function stackOf(name: string, text: string | number | undefined): unknown {
  demandStackName(name);
  if (text === undefined) throw withoutFile(name);
  if (typeof text === 'number') throw failed(`stack ${name} has ${text} bytes, more than 16 MiB`);
  const value = stackIn(name, text);
  demandShallow(name, value);
  return value;
}

/** A name becomes part of paths and messages. Throws SYNTH_FAILED. */
export function demandStackName(name: string): void {
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/.test(name))
    throw failed(
      `${JSON.stringify(name.slice(0, 64))} is no name of a stack: letters, digits, ".", "-" and "_", 64 at most`,
    );
}

const deepest = 64;

/** What is read afterwards goes down by recursion. Throws SYNTH_FAILED. */
export function demandShallow(name: string, value: unknown): void {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepest) throw failed(`stack ${name} is nested more than ${deepest} deep`);
    level = level.flatMap((one): unknown[] => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
}
