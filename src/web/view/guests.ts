import type { DeclaredGuest } from '../../core/declared-guest.ts';
import type { LiveGuest } from '../../core/guest.ts';
import type { Target } from '../../core/target.ts';
import type { Truth } from '../../deliver/truth.ts';

/** One field of a guest on its way from the declaration to the machine. */
export interface FieldView {
  field: string;
  unit: string;
  declared: string;
  applied: string;
  live: string;
  /** Where the three do not agree, in words; '' where they do. */
  differs: string;
}

export interface GuestView {
  target: Target;
  name: string;
  where: string;
  status: string;
  lock: string;
  tags: string[];
  carries: string[];
  file: string;
  fields: FieldView[];
  settled: boolean;
  /** Why the live side is missing. */
  problem: string;
}

export interface GuestsView {
  guests: GuestView[];
  /** When the live side was read, ISO 8601 UTC. */
  at: string;
}

/** What one live read gave: the guest, that PVE has none, or why it could not be read. */
export type LiveRead = { guest: LiveGuest } | { absent: true } | { problem: string };

const sizes = [
  { field: 'memory', unit: 'MiB' },
  { field: 'swap', unit: 'MiB' },
  { field: 'cores', unit: '' },
] as const;

/** Every declared guest: what the default branch says, what was applied last, what is live. Those that differ come first. */
export function guestsOf(truth: Truth | undefined, live: ReadonlyMap<Target, LiveRead>, at: string): GuestsView {
  const guests = [...(truth?.head.guests ?? [])].map(([target, guest]) =>
    guestView(target, guest, truth?.applied.targets[target]?.declaration, live.get(target)),
  );
  return { guests: guests.sort((a, b) => Number(a.settled) - Number(b.settled) || a.name.localeCompare(b.name)), at };
}

function guestView(
  target: Target,
  guest: DeclaredGuest,
  applied: DeclaredGuest | undefined,
  read: LiveRead | undefined,
): GuestView {
  const seen = read !== undefined && 'guest' in read ? read.guest : undefined;
  const fields = sizes.flatMap(({ field, unit }) => {
    const values = {
      declared: guest[field],
      applied: applied?.[field],
      live: seen?.running[field],
      pending: seen?.pending[field],
    };
    if (Object.values(values).every((value) => value === undefined)) return [];
    return [
      {
        field,
        unit,
        declared: say(values.declared),
        applied: say(values.applied),
        live: say(values.live),
        differs: difference(values, seen !== undefined),
      },
    ];
  });
  const problem =
    read === undefined || 'guest' in read ? '' : 'absent' in read ? 'Proxmox VE has no such guest' : read.problem;
  return {
    ...{ target, name: guest.name, fields, problem, tags: guest.tags, carries: guest.carries, file: guest.file },
    where: `${guest.type}/${guest.vmid} on ${seen?.node ?? guest.node}`,
    status: seen?.status ?? 'not read',
    lock: seen?.lock ?? '',
    settled: problem === '' && fields.every(({ differs }) => differs === ''),
  };
}

/** What the reader has to know: which side moved. */
function difference(
  { declared, applied, live, pending }: { [side: string]: number | undefined },
  read: boolean,
): string {
  if (declared !== applied) return applied === undefined ? 'never applied' : 'declared, and not applied';
  if (pending !== undefined && pending !== live) return `${pending} waits for a reboot`;
  return read && live !== declared ? 'live is not as applied' : '';
}

function say(value: number | undefined): string {
  return value === undefined ? '–' : String(value);
}
