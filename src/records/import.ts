import { type Digest, digestOf, type Json } from '../core/json.ts';
import { counted, printChange, unitOf } from '../texts/words.ts';
import { escapeBold, escapeCode, escapeText } from './escape.ts';
import { body } from './pull-request.ts';
import { details } from './sentence.ts';

/** One value of a file, as it was written and as it shall be; absent where there is none. */
export interface EditedValue {
  field: string;
  from?: Json;
  to?: Json;
}

/** A cluster as it is, against the files that declare it. Values are those of declared fields alone. */
export interface ImportWords {
  cluster: string;
  fingerprint: string;
  added: readonly { id: string; node: string; file: string }[];
  changed: readonly { id: string; file: string; edits: readonly EditedValue[] }[];
  gone: readonly { id: string; file: string; removed: boolean }[];
  leftOut: readonly { guest: string; why: string }[];
  undeclared: readonly { key: string; why: string; guests: readonly string[] }[];
  inventory: {
    added: readonly string[];
    moved: readonly { name: string; from: string; to: string }[];
    removed: readonly string[];
  };
  /** Resources of Terraform whose state must be forgotten. */
  forget: readonly string[];
  /** Files of stacks that are new. */
  stacks: readonly string[];
  /** One sentence: what Terraform said of it. */
  gate: string;
  /** Digest of the files as they shall be: another one is another proposal. */
  files: Digest;
}

/** Title and body of the pull request that makes the files say what is in the cluster. */
export function printImport(words: ImportWords): { title: string; body: string } {
  const { fingerprint, files } = words;
  const proposed = digestOf({ kind: 'import', files });
  return {
    title: `${words.cluster}: import ${countsOf(words)}`,
    body: body(importParts(words), { kind: 'import', remedy: 'import', fingerprint, proposed }),
  };
}

/** `2 guests more, 1 changed, 1 taken out`; what else changes where no guest does. */
export function countsOf({ added, changed, gone, inventory, stacks }: ImportWords): string {
  const out = gone.filter(({ removed }) => removed).length;
  const parts = [
    added.length === 0 ? '' : counted(added.length, 'new guest'),
    changed.length === 0 ? '' : `${changed.length} changed`,
    out === 0 ? '' : `${out} taken out`,
  ].filter((part) => part !== '');
  if (parts.length > 0) return parts.join(', ');
  return inventory.moved.length + inventory.added.length + inventory.removed.length > 0
    ? 'addresses of the inventory'
    : counted(stacks.length, 'file of stacks', 'files of stacks');
}

/** Why the state of a guest that moved must be forgotten, and how. */
export const forgetWords =
  'if it is in a state of Terraform, take it out with terraform state rm before the next plan: the provider looks for it on its old node and would make another one';

function importParts(words: ImportWords): string[] {
  const { cluster, forget, gate, leftOut, undeclared } = words;
  const staying = words.gone.filter(({ removed }) => !removed);
  const named = ({ guest, why }: ImportWords['leftOut'][number]) =>
    `- ${escapeText(guest, 120)}: ${escapeText(why, 300)}`;
  const setting = ({ key, why, guests }: ImportWords['undeclared'][number]) =>
    `| ${escapeCode(key, 60)} | ${escapeText(why, 160)} | ${escapeText(namesOf(guests), 160)} |`;
  return [
    `${escapeBold(cluster)} as it is in Proxmox VE now: ${escapeText(countsOf(words), 120)}. Asked for at the terminal.`,
    ['| file | what |', '|---|---|', ...rowsOf(words)].join('\n'),
    `**Nothing changes in Proxmox VE**: the files come to say what is so already. ${escapeText(gate, 600)}`,
    forget.length === 0 ? '' : `**By hand** (${forget.map((one) => escapeCode(one)).join(', ')}): ${forgetWords}.`,
    staying.length === 0
      ? ''
      : `Not in the cluster any more, and still declared: ${staying.map(({ file, id }) => `${escapeCode(file)} (${escapeText(id, 40)})`).join(', ')}. \`gitmend import --remove-gone\` takes them out.`,
    leftOut.length === 0 ? '' : details(`Left out: ${leftOut.length}`, leftOut.map(named).join('\n')),
    undeclared.length === 0
      ? ''
      : details(
          `Not declared, and left as it is: ${counted(undeclared.length, 'setting')}`,
          ['| setting | why | guests |', '|---|---|---|', ...undeclared.map(setting)].join('\n'),
        ),
  ];
}

function rowsOf({ added, changed, gone, inventory, stacks }: ImportWords): string[] {
  const row = (file: string, what: string) => `| ${escapeCode(file, 100)} | ${escapeText(what, 300)} |`;
  const hosts = [
    inventory.added.length === 0 ? '' : `new: ${namesOf(inventory.added)}`,
    ...inventory.moved.map(({ name, from, to }) => `${name} ${from} → ${to}`),
    inventory.removed.length === 0 ? '' : `taken out: ${namesOf(inventory.removed)}`,
  ].filter((part) => part !== '');
  return [
    ...gone
      .filter(({ removed }) => removed)
      .map(({ file, id }) => row(file, `taken out: ${id} is not in the cluster any more`)),
    ...changed.map(({ file, edits }) => row(file, edits.map(editWords).join(', '))),
    ...added.map(({ file, id, node }) => row(file, `new: ${id} on ${node}`)),
    ...(hosts.length === 0 ? [] : [row('ansible/inventory.yaml', hosts.join(', '))]),
    ...(stacks.length === 0 ? [] : [row('stacks/', `${counted(stacks.length, 'new file')}: the template of gitmend`)]),
  ];
}

/** `memory 2048 → 3072 MiB`, `disk.size 32 → 40 GiB`, `network.gateway 192.168.1.1 → none` */
export function editWords({ field, from, to }: EditedValue): string {
  return printChange(field, plain(from), plain(to), field === 'disk.size' ? 'GiB' : unitOf(field));
}

function plain(value: Json | undefined): Json | undefined {
  return Array.isArray(value) ? `[${value.map(String).join(', ')}]` : value;
}

/** The first few, and how many more. */
export function namesOf(names: readonly string[], most = 6): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}
