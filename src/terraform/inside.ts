/** What stands inside a value of Terraform's JSON; `undefined` where there is no such place. */
export function valueAt(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (inside, key) =>
      typeof inside === 'object' && inside !== null ? (inside as { [key: string]: unknown })[key] : undefined,
    value,
  );
}
