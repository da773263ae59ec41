import type { Truth } from './truth.ts';
import type { World } from './world.ts';

/** The commit of the default branch that changed a file last. */
export async function lastChange({ repo }: Pick<World, 'repo'>, truth: Truth, file: string): Promise<string> {
  for (let at = truth.order.length - 1; at > 0; at -= 1) {
    const [is, was] = [truth.order[at] ?? '', truth.order[at - 1] ?? ''];
    if ((await repo.tree(is)).get(file) !== (await repo.tree(was)).get(file)) return is;
  }
  return truth.head.commit;
}
