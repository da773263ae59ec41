import { digestOf } from '../core/json.ts';
import { counted } from '../texts/words.ts';
import { escapeBold, escapeCode, escapeText } from './escape.ts';
import { namesOf } from './import.ts';
import { body } from './pull-request.ts';

/** Guests that a person asked to destroy at the terminal. */
export interface DestroyWords {
  /** Of several guests: how they were named, `tagged web`; '' where each was named. */
  chosen: string;
  fingerprint: string;
  /** `where`: `lxc/202 on pve1`; of one that is gone already `lxc/202`. */
  guests: readonly { name: string; where: string; file: string; gone: boolean }[];
  /** What goes out of other files with them, and where they are named still (1-based lines). */
  taken?: readonly { file: string; what: readonly string[] }[];
  named?: readonly { file: string; lines: readonly number[] }[];
}

/** Title and body of the pull request that destroys them. */
export function printDestroy(words: DestroyWords): { title: string; body: string } {
  const { guests, fingerprint } = words;
  const proposed = digestOf({ kind: 'destroy', files: guests.map(({ file }) => file).sort() });
  const marker = { kind: 'destroy', remedy: 'destroy', fingerprint, proposed } as const;
  return { title: titleOf(words), body: body(partsOf(words), marker) };
}

function titleOf({ guests, chosen }: DestroyWords): string {
  const [only, ...more] = guests;
  if (only === undefined) return 'nothing is destroyed';
  if (more.length === 0)
    return only.gone ? `${only.name}: remove its file, ${only.where} is gone` : `${only.name}: destroy ${only.where}`;
  return `${counted(guests.length, 'guest')}${chosen === '' ? '' : ` ${chosen}`}: destroy`;
}

function partsOf({ guests, chosen, taken = [], named = [] }: DestroyWords): string[] {
  const there = guests.filter(({ gone }) => !gone);
  const what = (gone: boolean) => (gone ? 'gone already: only its file' : '**destroyed with its volumes**');
  const row = ({ name, where, file, gone }: DestroyWords['guests'][number]) =>
    `| ${escapeBold(name)} (${escapeText(where, 120)}) | ${what(gone)} | ${escapeCode(file, 100)} |`;
  const which = chosen === '' ? '' : ` ${escapeText(chosen, 100)}`;
  return [
    there.length === 0
      ? 'Asked for at the terminal: files of guests that are gone. Nothing changes in Proxmox VE.'
      : `Asked for at the terminal: ${counted(there.length, 'guest')}${which} to be **destroyed, which cannot be undone**. What is left is the backup that the plan below names of each.`,
    ['| guest | what the merge does | file |', '|---|---|---|', ...guests.map(row)].join('\n'),
    taken.length === 0 ? '' : `Taken out with them: ${taken.map(takenWords).join(', ')}.`,
    named.length === 0 ? '' : `Named still, and left to a person: ${listedFiles(named)}.`,
  ];
}

function takenWords({ file, what }: { file: string; what: readonly string[] }): string {
  return `${escapeCode(file, 100)} (${escapeText(namesOf(what), 200)})`;
}

/** The first few files, each with its first lines. */
function listedFiles(named: NonNullable<DestroyWords['named']>): string {
  const shown = named.slice(0, most).map((one) => escapeCode(placesOf(one), 140));
  return `${shown.join(', ')}${named.length > most ? ` and ${counted(named.length - most, 'more file', 'more files')}` : ''}`;
}

const most = 12;

/** `dns/home.lan.yaml:8`, `ansible/inventory.yaml:4, 12` */
export function placesOf({ file, lines }: { file: string; lines: readonly number[] }): string {
  return `${file}:${lines.slice(0, 4).join(', ')}${lines.length > 4 ? ' …' : ''}`;
}
