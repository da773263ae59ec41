import type { Imported } from '../import/index.ts';
import { editWords, forgetWords, namesOf } from '../records/import.ts';
import { counted } from '../texts/words.ts';
import type { Gated } from './import-gate.ts';

/** What an import found, as lines of a terminal: the counts first, then every guest that is not as declared, by name. */
export function importLines(cluster: string, { imported, gate, differing }: Gated): string[] {
  const { forget, leftOut, undeclared, unreached } = imported;
  return [
    `${cluster}: ${summary(imported)}`,
    ...guestLines(imported),
    ...leftOut.map(({ guest, why, file }) =>
      line('left out', `${guest}: ${why}${file === undefined ? '' : `; ${file} stays as it is`}`),
    ),
    ...differing.map(({ guest, why }) => line('differs', `${guest}: ${why}`)),
    ...forget.map((address) => line('by hand', `${address}: ${forgetWords}`)),
    ...inventoryLines(imported),
    ...unreached.map(({ name, why }) => line('no address', `${name}: ${why}`)),
    ...undeclared.map(({ key, why, guests }) => line('undeclared', `${key} of ${namesOf(guests)}: ${why}`)),
    ...(undeclared.length === 0 ? [] : ['what is undeclared stays as it is: neither gitmend nor Terraform changes it']),
    gate,
  ];
}

function summary({ added, changed, gone, leftOut, same }: Imported): string {
  const parts = [
    `${counted(same, 'guest')} as declared`,
    `${added.length} new`,
    `${changed.length} changed`,
    `${gone.length} gone`,
    `${leftOut.length} left out`,
  ];
  return parts.join(', ');
}

function guestLines({ added, changed, gone, stacks }: Imported): string[] {
  return [
    ...added.map(({ file, id, node }) => line('new', `${file}: ${id} on ${node}`)),
    ...changed.map(({ file, id, edits }) => line('changed', `${file}: ${id}: ${edits.map(editWords).join(', ')}`)),
    ...gone.map(({ file, id, removed }) =>
      line(
        'gone',
        removed
          ? `${file} is taken out: ${id} is not there any more`
          : `${id} is not there any more; ${file} stays, --remove-gone takes it out`,
      ),
    ),
    ...(stacks.length === 0 ? [] : [line('new', `stacks/: ${counted(stacks.length, 'file')} of the template`)]),
  ];
}

function inventoryLines({ inventory: { added, moved, removed, left } }: Imported): string[] {
  const file = 'ansible/inventory.yaml';
  return [
    ...(added.length === 0 ? [] : [line('new', `${file}: ${namesOf(added, 20)}`)]),
    ...moved.map(({ name, from, to }) => line('changed', `${file}: ${name} ${from} → ${to}`)),
    ...(removed.length === 0 ? [] : [line('gone', `${file}: ${namesOf(removed, 20)}`)]),
    ...left.map((what) => line('by hand', what)),
  ];
}

function line(word: string, text: string): string {
  return `${word.padEnd(12)}${text}`;
}
