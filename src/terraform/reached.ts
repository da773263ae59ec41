type Named = { readonly [name: string]: unknown };

/**
 * The part of a synthesized stack that a plan at this address reaches: the resource, everything that it refers to or that
 * anything outside of resources refers to, and all that is no resource. What Terraform plans there is the same; what it
 * reads and says of hundreds of others is not made. Only for whoever plans and never applies: to Terraform the others are
 * not declared any more.
 */
export function reachedFrom(stack: object, address: string): object {
  const { resource, ...rest } = stack as { resource?: unknown; import?: unknown };
  const bodies = bodiesOf(resource);
  if (!bodies.has(address)) return stack;
  const imports = Array.isArray(rest.import) ? (rest.import as unknown[]) : [];
  const kept = new Set<string>();
  const waiting = [address, ...namedIn({ ...rest, import: null }, bodies)];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    if (kept.has(one)) continue;
    kept.add(one);
    waiting.push(...namedIn(bodies.get(one), bodies));
  }
  const left = imports.filter((block) => {
    const to = isNamed(block) ? block['to'] : undefined;
    return typeof to !== 'string' || !bodies.has(to) || kept.has(to);
  });
  const others = Object.fromEntries(Object.entries(rest).filter(([name]) => name !== 'import'));
  return { ...others, ...(left.length === 0 ? {} : { import: left }), resource: only(resource as Named, kept) };
}

/** Bodies by `type.name`. */
function bodiesOf(resource: unknown): Map<string, unknown> {
  if (!isNamed(resource)) return new Map();
  return new Map(
    Object.entries(resource).flatMap(([type, named]) =>
      isNamed(named) ? Object.entries(named).map(([name, body]) => [`${type}.${name}`, body] as const) : [],
    ),
  );
}

/** The resources that stand in it anywhere, in an expression or in `depends_on`; too many do no harm. */
function namedIn(value: unknown, bodies: ReadonlyMap<string, unknown>): string[] {
  const text = JSON.stringify(value).replace(/\s*\.\s*/g, '.');
  const words = text.matchAll(/(?<![\w-])(?=([A-Za-z_][\w-]*\.[A-Za-z_][\w-]*))/g);
  return [...words].flatMap(([, word = '']) => (bodies.has(word) ? [word] : []));
}

function only(resource: Named, kept: ReadonlySet<string>): object {
  const types = Object.entries(resource).map(([type, named]) => {
    // What is no map of names is Terraform's to judge.
    const left = isNamed(named) ? Object.entries(named).filter(([name]) => kept.has(`${type}.${name}`)) : undefined;
    return [type, left === undefined ? named : Object.fromEntries(left)] as const;
  });
  return Object.fromEntries(types.filter(([, named]) => !isNamed(named) || Object.keys(named).length > 0));
}

function isNamed(value: unknown): value is Named {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
