import { homeLab, homeTokens, startPve } from '../simulators/pve/index.ts';
import { crowded } from './short-guest.ts';

/** What the parent asks over the channel of `fork`: what was read since the last time that it asked. */
export interface PveRead {
  /** Guests of which anything was read by itself. */
  guests: number;
  requests: number;
}

/** What it says once it answers. */
export interface PveOpened {
  endpoint: string;
  ca: string;
  token: string;
}

// Proxmox VE alone, in a process of its own, with so many containers (`short-0` …): node bench/pve-process.ts GUESTS
const now = Date.now();
const pve = await startPve({ world: crowded(homeLab(now), now, Number(process.argv[2])) });
process.on('message', () => {
  const read = pve.requests.flatMap(({ path }) => /^\/nodes\/[^/]+\/(?:lxc|qemu)\/(\d+)\//.exec(path)?.[1] ?? []);
  process.send?.({ guests: new Set(read).size, requests: pve.requests.length } satisfies PveRead);
  // Answers are kept with them: of thousands of guests that is a lot.
  pve.requests.length = 0;
});
process.once('disconnect', () => void pve.close().then(() => process.exit(0)));
process.send?.({ endpoint: pve.endpoint, ca: pve.caPem, token: homeTokens.read } satisfies PveOpened);
