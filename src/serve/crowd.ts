/** Connections that a listener holds at once. */
export const most = 512;
/** However full it is, an address gets these: a forge, a probe and a browser want no more at a time. */
const least = 8;

/** Who holds how many of a listener's connections. */
export interface Crowd {
  /** Whether one more of this address is let in; it is then counted. */
  enter(address: string): boolean;
  leave(address: string): void;
  held(address: string): number;
}

/**
 * Lets an address hold as many connections as it leaves free to the others: alone it gets half of them, which is far more
 * than a reverse proxy in front of everybody needs, and what is left is never all taken by one who only opens and waits. The
 * rule is that of buffers in switches (dynamic thresholds, Choudhury and Hahne 1998): no figure has to be chosen.
 */
export function openCrowd(): Crowd {
  const holders = new Map<string, number>();
  let total = 0;
  const held = (address: string) => holders.get(address) ?? 0;
  return {
    held,
    enter(address) {
      if (held(address) >= Math.max(least, most - total)) return false;
      holders.set(address, held(address) + 1);
      total += 1;
      return true;
    },
    leave(address) {
      total -= 1;
      if (held(address) === 1) holders.delete(address);
      else holders.set(address, held(address) - 1);
    },
  };
}
