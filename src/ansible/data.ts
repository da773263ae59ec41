import type { AnsibleObjection, AnsibleObjectionKind } from '../core/ansible.ts';
import type { Tree } from '../core/change-set.ts';
import { type Reach, reachOfText } from './lookups.ts';
import { beyondNames } from './references.ts';
import { readSource, type Scalar, type Value } from './source.ts';
import { againstSecret, looksUpSecret, placeOf, secretsByPlace } from './become-password.ts';
import { hasTemplate, keysIn, mapScalars, placedScalars, scalarsIn } from './values.ts';
import { isVault, openVault } from './vault.ts';

/** A file of variables or an inventory, with what was encrypted opened. */
export interface DataFile {
  value?: Value;
  objections: AnsibleObjection[];
  /** Texts that were encrypted. */
  secrets: string[];
  /** Lines of what is encrypted and could not be opened; 0 for the whole file. */
  sealed: number[];
}

/** Reads a file of data. Without a password, what is encrypted stays closed and is in `sealed`. */
export function readData(file: string, text: string, vaultPassword?: string): DataFile {
  const opened = isVault(text) ? opening(text, vaultPassword) : text;
  if (opened === undefined) return { objections: [], secrets: [], sealed: [0] };
  const { value, objections } = readSource(file, opened);
  if (value === undefined) return { objections, secrets: [], sealed: [] };
  const secrets = isVault(text) ? scalarsIn(value).map(({ value: one }) => String(one)) : [];
  const sealed: number[] = [];
  const plain = mapScalars(value, (scalar) => {
    if (scalar.tag !== 'vault') return scalar;
    const inside = opening(String(scalar.value), vaultPassword);
    if (inside === undefined) sealed.push(scalar.line);
    else secrets.push(inside);
    return inside === undefined ? scalar : unsealed(scalar, inside);
  });
  return { value: plain, objections, secrets, sealed };
}

function opening(text: string, password: string | undefined): string | undefined {
  return password === undefined ? undefined : openVault(text, password);
}

function unsealed({ kind, line }: Scalar, value: string): Scalar {
  return { kind, line, value, written: '' };
}

/**
 * What of a data file could run something: lookups anywhere in it, and templates that are not as they were in the file
 * that was approved (`before`; `undefined` where there was none) and do more than to name a variable. A look-up of a secret
 * counts as known only in its very place.
 */
export function objectionsToTemplates(
  file: string,
  value: Value,
  reach: Reach,
  before: Value | undefined,
): AnsibleObjection[] {
  const known = new Set(before === undefined ? [] : scalarsIn(before).map((one) => one.value));
  const secrets = secretsByPlace(before, reach);
  const keys = keysIn(value).flatMap(({ key, line }) =>
    hasTemplate(key) || key.length > 500
      ? [objection('hidden', file, line, key.slice(0, 80), 'a name is a template, so nobody can say what is set')]
      : [],
  );
  const texts = placedScalars(value).flatMap(({ keys: path, scalar }) => {
    const text = String(scalar.value);
    const runs = hasTemplate(text) ? reachOfText(text, reach) : [];
    const what = shown(text);
    if (runs.length > 0) return runs.map((why) => objection('runs-in-check', file, scalar.line, what, why));
    if (looksUpSecret(text, reach)) {
      const against = secrets.has(placeOf(path, text)) ? undefined : againstSecret(path, text, reach);
      return against === undefined ? [] : [secretObjection(file, scalar.line, what, against)];
    }
    const why = known.has(scalar.value) || typeof scalar.value !== 'string' ? undefined : beyondNames(text);
    return why === undefined ? [] : [objection('template', file, scalar.line, what, `this value ${why}`)];
  });
  return [...keys, ...texts];
}

// A value may be a secret, and only its template is of interest.
function shown(text: string): string {
  const [template = ''] = /\{\{[^}]{0,100}\}\}|\{%[^%]{0,100}%\}|\b(?:lookup|query)\s*\([^)]{0,80}\)/.exec(text) ?? [];
  return template;
}

function objection(
  kind: AnsibleObjectionKind,
  file: string,
  line: number,
  name: string,
  why: string,
): AnsibleObjection {
  const next =
    kind === 'runs-in-check'
      ? 'Write the value itself, or have a task find it on the host'
      : 'Write the value itself; what must be computed belongs into a playbook, in a pull request of its own';
  return { kind, file, line, name, why, next };
}

function secretObjection(file: string, line: number, name: string, why: string): AnsibleObjection {
  const next = 'Name it in ansible: becomePasswords: of gitmend.yaml, in a pull request of its own before this one';
  return { kind: 'template', file, line, name, why: `this value ${why}`, next };
}

/** The value of the same file in the tree that was approved. */
export function approvedValue(file: string, before: Tree, vaultPassword?: string): Value | undefined {
  const text = before.get(file);
  return text === undefined ? undefined : readData(file, text, vaultPassword).value;
}
