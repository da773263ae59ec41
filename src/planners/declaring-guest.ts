import { type Refusal, refusal, type Tree } from '../core/change-set.ts';
import type { DeclaredGuest } from '../core/declared-guest.ts';
import { printGuestTarget, type Target } from '../core/target.ts';
import { listed } from '../texts/words.ts';
import { guestFiles, readGuest, readGuests } from '../declarations/guest/index.ts';

/** The one file that declares a target; a target that cannot be pinned to exactly one place is refused, never guessed. */
export function declaringGuest(tree: Tree, target: Target): DeclaredGuest | Refusal {
  const { guests } = readGuests(tree);
  const found = guests.filter((guest) => printGuestTarget(guest) === target);
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  const claiming = [...tree].flatMap(([file, text]) => {
    if (!guestFiles.test(file)) return [];
    const read = readGuest(text, file);
    return read.ok && printGuestTarget(read.value) === target ? [file] : [];
  });
  if (claiming.length === 0)
    return refusal(
      'target-undeclared',
      `${target} is declared by no file in guests/ that can be read`,
      'gitmend check lists what cannot be read',
    );
  return refusal(
    'target-not-unique',
    `${target} is not declared in exactly one place: see ${listed(claiming.sort())}`,
    'gitmend check names both places; keep one',
  );
}
