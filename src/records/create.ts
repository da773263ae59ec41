import type { DeclaredGuest } from '../core/declared-guest.ts';
import { networkWords } from '../core/guest.ts';
import { type Digest, digestOf } from '../core/json.ts';
import { escapeBold, escapeCode, escapeText } from './escape.ts';
import { body } from './pull-request.ts';

/** A new guest that a person asked for at the terminal. */
export interface CreateWords {
  guest: DeclaredGuest;
  fingerprint: string;
  /** Digest of its file: another one is another proposal. */
  text: Digest;
}

/** Title and body of the pull request that declares it. */
export function printCreate({ guest, fingerprint, text }: CreateWords): { title: string; body: string } {
  const proposed = digestOf({ kind: 'create', file: guest.file, text });
  const marker = { kind: 'create', remedy: 'create', fingerprint, proposed } as const;
  const where = `${guest.type}/${guest.vmid} on ${guest.node}`;
  return { title: `${guest.name}: create ${where}`, body: body(partsOf(guest, where), marker) };
}

function partsOf(guest: DeclaredGuest, where: string): string[] {
  const row = ([field, value]: readonly [string, string]) => `| ${field} | ${escapeText(value, 120)} |`;
  return [
    `${escapeBold(guest.name)} (${escapeText(where, 120)}) is new: ${escapeCode(guest.file, 100)}. Asked for at the terminal.`,
    ['| | value |', '|---|---|', ...valuesOf(guest).map(row)].join('\n'),
    guest.clone === undefined
      ? 'The plan below says what the merge creates, as Terraform plans it.'
      : 'The plan below says what the merge clones, and what of the clone it changes.',
  ];
}

function valuesOf({ type, cores, memory, swap, disk, network, tags, clone }: DeclaredGuest): [string, string][] {
  return [
    ...(clone === undefined ? [] : [['template', `${type}/${clone.from}, cloned in full`] as [string, string]]),
    ['cores', String(cores)],
    ['memory', `${memory} MiB`],
    ...(swap === undefined ? [] : [['swap', `${swap} MiB`] as [string, string]]),
    ['disk', `${disk.size} GiB on ${disk.storage}`],
    ['network', networkWords(network)],
    ...(tags.length === 0 ? [] : [['tags', tags.join(', ')] as [string, string]]),
  ];
}
