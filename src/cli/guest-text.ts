import type { DeclaredGuest } from '../core/declared-guest.ts';
import type { LiveGuest } from '../core/guest.ts';
import { parseGuestTarget } from '../core/target.ts';
import { printSpan } from '../texts/words.ts';
import type { GuestRow } from './guest-rows.ts';

/** One line for each: name, id, place, what it is, and what is amiss. */
export function listLines(rows: readonly GuestRow[]): string[] {
  const cells = rows.map((row) => [
    row.name,
    idOf(row),
    row.node,
    row.status === '' ? '-' : row.status,
    ...sizeCells(row),
    row.state === 'as-declared' ? '' : `${row.state}: ${row.why}`,
  ]);
  const widths = cells.reduce<number[]>(
    (most, line) => line.map((cell, at) => Math.max(most[at] ?? 0, cell.length)),
    [],
  );
  return cells.map((line) =>
    line
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
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
  const table = declared === undefined ? [] : fieldsOf(declared, live);
  const widths = [0, 1].map((at) => Math.max(...table.map((line) => line[at]?.length ?? 0), 0));
  const lines = table.map(([field, is, now]) =>
    `  ${field.padEnd(widths[0] ?? 0)}  ${is.padEnd(widths[1] ?? 0)}  ${now}`.trimEnd(),
  );
  const up = live?.status === 'running' ? [`  running for ${printSpan(live.uptime)}`] : [];
  return [
    head,
    word,
    ...(lines.length === 0
      ? []
      : [`  ${'field'.padEnd(widths[0] ?? 0)}  ${'declared'.padEnd(widths[1] ?? 0)}  live`.trimEnd()]),
    ...lines,
    ...up,
  ];
}

type Line = readonly [field: string, declared: string, live: string];

function fieldsOf(declared: DeclaredGuest, live: LiveGuest | undefined): Line[] {
  const { swap, disk, network, tags, carries, leave } = declared;
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
    ...(leave === undefined ? [] : [['leave', list(leave), ''] as const]),
  ];
}
