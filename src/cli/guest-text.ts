import type { DeclaredGuest } from '../core/declared-guest.ts';
import type { LiveGuest } from '../core/guest.ts';
import { parseGuestTarget } from '../core/target.ts';
import { printSpan } from '../texts/words.ts';
import { columns } from './columns.ts';
import type { GuestRow } from './guest-rows.ts';

/** One line for each: name, id, place, what it is, and what is amiss. */
export function listLines(rows: readonly GuestRow[]): string[] {
  return columns(
    rows.map((row) => [
      row.name,
      idOf(row),
      row.node,
      row.status === '' ? '-' : row.status,
      ...sizeCells(row),
      row.state === 'as-declared' ? '' : `${row.state}: ${row.why}`,
    ]),
  );
}

/** What runs; what is declared where it does not. */
function sizeCells({ declared, live }: GuestRow): string[] {
  if (declared === undefined) return ['', '', ''];
  const { cores = declared.cores, memory = declared.memory } = live?.running ?? {};
  const disk = live?.rootDisk?.size ?? declared.disk.size;
  return [`${cores} cores`, `${memory} MiB`, `${disk} GiB`];
}

function idOf({ target }: GuestRow): string {
  const guest = parseGuestTarget(target);
  return guest === undefined ? target : `${guest.type}/${guest.vmid}`;
}

/** Everything of one guest, field by field: what is declared, and what is live where that can be seen. */
export function showLines(row: GuestRow): string[] {
  const { declared, live, name, state, why } = row;
  const file = declared === undefined ? 'in no file' : declared.file;
  const head = `${name} (${idOf(row)} on ${row.node}${row.status === '' ? '' : `, ${row.status}`}): ${file}`;
  const word = state === 'as-declared' ? 'as declared' : `${state}: ${why}`;
  const table = declared === undefined ? [] : columns([['field', 'declared', 'live'], ...fieldsOf(declared, live)]);
  const up = live?.status === 'running' ? [`  running for ${printSpan(live.uptime)}`] : [];
  return [head, word, ...table.map((line) => `  ${line}`), ...up];
}

type Line = readonly [field: string, declared: string, live: string];

function fieldsOf(declared: DeclaredGuest, live: LiveGuest | undefined): Line[] {
  const { swap, disk, network, tags, carries, leave, started, protection } = declared;
  const size = (field: 'cores' | 'memory' | 'swap', unit: string): Line => {
    const waits = live?.pending[field];
    const now = live?.running[field];
    const later = waits === undefined || waits === now ? '' : ` (${waits} after a restart)`;
    return [field, `${declared[field] ?? '-'}${unit}`, now === undefined ? '' : `${now}${unit}${later}`];
  };
  const { rootDisk } = live ?? {};
  const list = (words: readonly string[]) => words.join(', ') || '-';
  return [
    size('cores', ''),
    size('memory', ' MiB'),
    ...(swap === undefined ? [] : [size('swap', ' MiB')]),
    [
      'disk',
      `${disk.size} GiB on ${disk.storage}`,
      rootDisk === undefined ? '' : `${rootDisk.size} GiB on ${rootDisk.storage}`,
    ],
    ['network', [network.bridge, network.address, network.gateway].filter((one) => one !== undefined).join(', '), ''],
    ['tags', list(tags), live === undefined ? '' : list(live.tags)],
    ['carries', list(carries), ''],
    ...(started === undefined ? [] : [['started', yesNo(started), live?.status ?? ''] as const]),
    ...(protection === undefined
      ? []
      : [['protection', yesNo(protection), live === undefined ? '' : yesNo(live.protected === true)] as const]),
    ...(leave === undefined ? [] : [['leave', list(leave), ''] as const]),
  ];
}

function yesNo(on: boolean): string {
  return on ? 'yes' : 'no';
}
