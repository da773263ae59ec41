/**
 * A synthesized stack with the import blocks of guests that are there (`node/vmid`): Terraform refuses the whole plan
 * for one that is not, so a guest that the pull request creates must not be imported. Everything else stays as it is.
 */
export function importingOnly(stack: object, live: ReadonlySet<string>): object {
  const blocks = (stack as { import?: unknown }).import;
  if (!Array.isArray(blocks)) return stack;
  const kept = blocks.filter((block: unknown) => {
    const id = typeof block === 'object' && block !== null ? (block as { id?: unknown }).id : undefined;
    return typeof id !== 'string' || live.has(id);
  });
  if (kept.length > 0) return { ...stack, import: kept };
  // An empty list is no block to Terraform's JSON.
  return Object.fromEntries(Object.entries(stack).filter(([name]) => name !== 'import'));
}

/** The same with this resource imported from where its guest is now: a declaration that moves it names where it is to be. */
export function importedFrom(stack: object, address: string, id: string): object {
  const blocks = (stack as { import?: unknown }).import;
  if (!Array.isArray(blocks)) return stack;
  const to = (block: unknown): unknown =>
    typeof block === 'object' && block !== null ? (block as { to?: unknown }).to : '';
  return { ...stack, import: blocks.map((block: unknown) => (to(block) === address ? { to: address, id } : block)) };
}

/**
 * The same without `prevent_destroy` on one resource. Terraform ends such a plan with an error that names no attribute;
 * this one is for saying what forces the destruction, and is applied by nobody.
 */
export function destroyable(stack: object, address: string): object {
  const copy = structuredClone(stack) as { resource?: { [type: string]: { [name: string]: { lifecycle?: object } } } };
  const [type = '', name = ''] = address.split('.');
  const lifecycle = copy.resource?.[type]?.[name]?.lifecycle as { prevent_destroy?: boolean } | undefined;
  if (lifecycle !== undefined) delete lifecycle.prevent_destroy;
  return copy;
}
