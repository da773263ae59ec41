import { isoTime } from '../core/clock.ts';
import { holderOf, isGone, type Machine } from '../ledger/holder.ts';
import type { Store } from '../store/index.ts';
import type { ServeLog } from './log.ts';

/** Who takes work from the store: `host:pid` for people, and behind it what proves one day that the process is gone. */
export function printHolder({ host, pid, machine, boot, pidNamespace, started }: Machine): string {
  return `${host}:${pid} ${JSON.stringify({ machine, boot, pidNamespace, started })}`;
}

/** Whether a holder that was printed is gone for certain. What cannot be read is nobody's proof. */
export async function isGoneHolder(text: string, here: Machine): Promise<boolean> {
  const [, host = '', pid = '', proof = ''] = /^(\S*):(\d+) (\{.*\})$/.exec(text) ?? [];
  if (proof === '') return false;
  const { machine, boot, pidNamespace, started } = JSON.parse(proof) as { [name: string]: string | undefined };
  const held = { host, pid: Number(pid), machine, boot, pidNamespace, started };
  const known = Object.values(held).every((value) => value !== undefined);
  return (
    known && isGone(holderOf({ ...(held as Machine), startOf: (id) => here.startOf(id) }, '', isoTime(0), ''), here)
  );
}

export interface Leftovers {
  store: Store;
  machine: Machine;
  log: ServeLog;
}

/**
 * What a process of this machine had taken when it was killed waits again at once, not only when its lease runs out. What
 * another replica or another container holds is left alone: nothing proves from here that it is gone.
 */
export async function releaseLeftovers({ store, machine, log }: Leftovers): Promise<void> {
  for (const box of [store.inbox, store.outbox]) {
    for (const holder of await box.holders()) {
      if (!(await isGoneHolder(holder, machine))) continue;
      const released = await box.release(holder);
      log('released', { holder: holder.replace(/ .*$/, ''), released }, 'warn');
    }
  }
}
