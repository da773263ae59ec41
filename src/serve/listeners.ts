import { listen, type Listening } from './listen.ts';
import { printAddress, type Settings } from './settings.ts';

export interface Listeners {
  page: Listening;
  /** The page's own, where both have one address. */
  door: Listening;
}

/** Opens both sides, or neither. Throws ADDRESS_IN_USE and ADDRESS_UNUSABLE. */
export async function openListeners({ page, door }: Settings): Promise<Listeners> {
  const first = await listen('page', page);
  if (door.port !== 0 && printAddress(door) === printAddress(page)) return { page: first, door: first };
  try {
    return { page: first, door: await listen('door', door) };
  } catch (error) {
    await first.stop(0);
    throw error;
  }
}

/** No new connection on either side; what is under way may take that many milliseconds. */
export async function closeListeners({ page, door }: Listeners, patience: number): Promise<void> {
  await Promise.all([...new Set([page, door])].map((one) => one.stop(patience)));
}

/** Where a listener is reached from this machine. */
export function origin({ address: { host, port } }: Listening): string {
  const reachable = host === '::' || host === '0.0.0.0' ? '127.0.0.1' : host;
  return `http://${printAddress({ host: reachable, port })}`;
}
