import { refused } from '../refused.ts';
import { find, type GiteaContext, pathOf } from './context.ts';
import { type Pull, pullShape } from './shapes.ts';

/** As the forge holds it now. Throws FORGE_REFUSED where there is none. */
export async function pullAt(context: GiteaContext, number: number): Promise<Pull> {
  const found = await find(context, pathOf(context, 'pulls', known(number)), pullShape);
  if (found === undefined) {
    context.listing.forget(number);
    throw refused(`there is no pull request #${number}`);
  }
  context.listing.note(found);
  return found;
}

/** Throws FORGE_REFUSED for what cannot be a number of a pull request. */
export function known(number: number): number {
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw refused(`there is no pull request #${number}`);
}
