import { secretShape } from '../config/secrets.ts';
import type { RawModule, RawPlan } from './raw.ts';

/**
 * Tells what of a plan must not be shown. Terraform's own marks are not enough: outputs of providers, `jsonencode` of a
 * part and old providers lose them. So names and shapes count too, and a text that was once known as secret is one
 * wherever it stands again.
 */
export interface Secrets {
  /** Whether the value at this path is one, by its name or by itself. */
  hides(path: readonly (string | number)[], value: unknown): boolean;
  /** A free text (a check's message) with what is secret taken out. */
  without(text: string): string;
}

const names =
  /passw(or)?d|passphrase|secret|token|api_?key|access_?key|private_?key|credential|user_data|cloud_?init|ssh_?key|^keys$/i;

// What is shorter stands in many a word that is no secret.
const shortest = 6;

/** `known`: values that the caller holds (credentials of this run). Every sensitive variable of the plan is added. */
export function secretsOf(raw: RawPlan, known: readonly string[]): Secrets {
  const texts = new Set(known.filter((text) => text.length >= shortest));
  const sensitive = sensitiveVariables(raw.configuration.root_module);
  for (const [name, { value }] of Object.entries(raw.variables ?? {})) {
    if (sensitive.has(name) || names.test(name)) collect(value, texts);
  }
  for (const { change } of [...(raw.resource_changes ?? []), ...(raw.resource_drift ?? [])]) {
    collectMarked(change.before, change.before_sensitive, texts);
    collectMarked(change.after, change.after_sensitive, texts);
  }
  // The longest first, so that no part of a secret is left where one holds another.
  const ordered = [...texts].sort((a, b) => b.length - a.length);
  const holds = (text: string): boolean => ordered.some((secret) => text.includes(secret));
  return {
    hides: (path, value) =>
      path.some((part) => typeof part === 'string' && names.test(part)) ||
      (typeof value === 'string' && (secretShape(value) !== undefined || holds(value))),
    without: (text) =>
      secretShape(text) === undefined
        ? ordered.reduce((left, secret) => left.replaceAll(secret, '(sensitive)'), text)
        : '(not shown: it holds something that looks like a secret)',
  };
}

/** What a program said, line by line, without the known texts and without lines that look like a secret. */
export function withoutSecrets(said: string, known: readonly string[]): string {
  const texts = known.filter((text) => text.length >= shortest).sort((a, b) => b.length - a.length);
  const lines = texts.reduce((left, secret) => left.replaceAll(secret, '(sensitive)'), said).split('\n');
  return lines
    .map((line) => (secretShape(line) === undefined ? line : '(not shown: it looks like a secret)'))
    .join('\n');
}

function sensitiveVariables(root: RawModule | undefined): Set<string> {
  const declared = Object.entries(root?.variables ?? {});
  return new Set(declared.filter(([, { sensitive }]) => sensitive === true).map(([name]) => name));
}

/** Every text below the marks of a sensitive tree: `true` marks all that is below it. */
function collectMarked(value: unknown, marks: unknown, into: Set<string>): void {
  if (marks === true) collect(value, into);
  else if (isTree(marks) && isTree(value)) {
    for (const [key, inner] of Object.entries(marks))
      collectMarked((value as { [key: string]: unknown })[key], inner, into);
  }
}

function collect(value: unknown, into: Set<string>): void {
  if (typeof value === 'string' && value.length >= shortest) into.add(value);
  else if (isTree(value)) for (const inner of Object.values(value)) collect(inner, into);
}

function isTree(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
