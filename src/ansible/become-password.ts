import { type Reach, reachOfText } from './lookups.ts';
import { hasTemplate, placedScalars } from './values.ts';
import type { Value } from './source.ts';

const keys = new Set(['ansible_become_password', 'ansible_become_pass']);
const whole = /^\{\{\s*lookup\(\s*(['"])(?:ansible\.builtin\.)?env\1\s*,\s*(['"])([A-Z][A-Z0-9_]*)\2\s*\)\s*\}\}$/;

/** A value that is a secret of gitmend's process, by where it stands: elsewhere it is another use of that secret. */
export function secretsByPlace(value: Value | undefined, reach: Reach): ReadonlySet<string> {
  const placed = value === undefined ? [] : placedScalars(value);
  return new Set(
    placed.flatMap(({ keys: path, scalar }) => {
      const text = String(scalar.value);
      return looksUpSecret(text, reach) ? [placeOf(path, text)] : [];
    }),
  );
}

/** `placeOf(['all', 'vars', 'x'], text)`: one text for a value in its place. */
export function placeOf(path: readonly string[], text: string): string {
  return JSON.stringify([...path, text]);
}

/** Whether it reads a variable that `ansible: environment:` names; nothing else of it is objected to. */
export function looksUpSecret(text: string, reach: Reach): boolean {
  return hasTemplate(text) && reachOfText(text, { ...reach, environment: [] }).length > 0;
}

/**
 * Why changed data must not hold this look-up of a secret, `undefined` where the rules in force let it: as the password of
 * sudo, alone, and only one that they name for it. Anywhere else a task could show it, or write it to a host.
 */
export function againstSecret(
  path: readonly string[],
  text: string,
  { becomePasswords = [] }: Reach,
): string | undefined {
  if (!keys.has(path.at(-1) ?? ''))
    return 'reads a secret, and under review only ansible_become_password may, where gitmend.yaml allows it';
  const name = whole.exec(text)?.[3];
  if (name === undefined) return "is more than {{ lookup('env', 'NAME') }}";
  if (becomePasswords.includes(name)) return undefined;
  return `reads ${name}, which ansible: becomePasswords: of gitmend.yaml does not name`;
}
