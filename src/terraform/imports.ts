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
