import { z } from 'zod';
import type { Tree } from '../core/change-set.ts';
import { GitmendError } from '../core/errors.ts';
import { digestOf, digestOfText, jsonIn } from '../core/json.ts';
import { readGuest } from '../declarations/guest/index.ts';

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const commit = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/);

const whyNot = ['SYNTH_UNSTABLE', 'STACK_MODULES_DIFFER', 'SANDBOX_MISSING'] as const;

const schema = z.strictObject({
  version: z.literal(1),
  /** The head of the pull request. */
  head: commit,
  /** Digest of stacks/ as merging it gives them. */
  code: digest,
  /** Digests of the data that they were synthesized with, by file. */
  data: z.record(z.string().max(400), digest),
  /** `null`: nothing was run, because no stack code changes or the repository does not ask for it. */
  result: z
    .union([
      z.strictObject({
        ok: z.literal(true),
        stacks: z.record(z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/), z.record(z.string(), z.unknown())),
      }),
      z.strictObject({
        ok: z.literal(false),
        message: z.string().max(4000),
        code: z.enum(whyNot).optional(),
      }),
    ])
    .nullable(),
});

/** What the job `synth` hands to the job `plan`: stacks that code of a pull request made, in a job that holds nothing. */
export type SynthesizedFile = z.infer<typeof schema>;

/** Bytes. The stacks themselves have at most 16 MiB. */
export const largestSynthesized = 24 * 1024 * 1024;

export function printSynthesized(file: SynthesizedFile): string {
  return `${JSON.stringify(file)}\n`;
}

/** Whoever may push can have written it. Throws SYNTH_REFUSED. */
export function readSynthesized(text: string): SynthesizedFile {
  if (Buffer.byteLength(text) > largestSynthesized) throw refused('the synthesized stacks have more than 24 MiB');
  const read = schema.safeParse(jsonIn(text));
  if (read.success && isShallow(read.data)) return read.data;
  if (read.success) throw refused(`the synthesized stacks are nested more than ${deepest} deep`);
  const [issue] = read.error.issues;
  throw refused(`what the job synth left is not what gitmend synth --ci writes (${issue?.path.join('.') ?? ''})`);
}

const deepest = 100;

/** What is read afterwards goes down by recursion. */
function isShallow(value: unknown): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepest) return false;
    level = level.flatMap((one): unknown[] => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
  return true;
}

/** Throws SYNTH_REFUSED where the file was made of another head. */
export function demandHead(file: SynthesizedFile, head: string): void {
  if (file.head === head) return;
  throw refused(
    `the stacks were synthesized of ${file.head.slice(0, 7)}, and the pull request is at ${head.slice(0, 7)}`,
  );
}

export function codeDigest(code: Tree): string {
  return digestOf([...code]);
}

/** A guest counts by what it declares: comments, order and what is as by default make no other stack. */
export function dataDigests(data: Tree): { [path: string]: string } {
  return Object.fromEntries([...data].map(([path, text]) => [path, digestOfData(path, text)]));
}

function digestOfData(path: string, text: string): string {
  if (!path.startsWith('guests/')) return digestOfText(text);
  const guest = readGuest(text, path);
  return guest.ok ? digestOf(guest.value) : digestOfText(text);
}

/**
 * The stacks in the file, for this code and data. Throws SYNTH_REFUSED, with the files that differ, where it is of other
 * ones: then Terraform would be asked about something that nobody synthesized.
 */
export function stacksIn(file: SynthesizedFile, code: Tree, data: Tree): NonNullable<SynthesizedFile['result']> {
  if (file.result === null) throw refused('the job synth ran no stack code of this head, and it changes some');
  if (file.code !== codeDigest(code)) throw refused('stacks/ is other than what was synthesized of this head');
  const wanted = dataDigests(data);
  const paths = new Set([...Object.keys(wanted), ...Object.keys(file.data)]);
  const differing = [...paths].filter((path) => wanted[path] !== file.data[path]).toSorted();
  if (differing.length === 0) return file.result;
  const names = differing.slice(0, 5).join(', ') + (differing.length > 5 ? ` and ${differing.length - 5} more` : '');
  throw refused(`the stacks were synthesized with other data than what is applied and live: ${names}`);
}

function refused(message: string): GitmendError {
  return new GitmendError('SYNTH_REFUSED', message);
}
