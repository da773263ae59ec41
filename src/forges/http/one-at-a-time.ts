/** Runs work of the same key one after the other, in the order in which it was asked for. */
export type OneAtATime = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** Within this process only: what another process does meanwhile is found by reading back. */
export function oneAtATime(): OneAtATime {
  const last = new Map<string, Promise<unknown>>();
  return (key, work) => {
    const before = last.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    // Whoever is the last forgets the key, or it would be kept for good.
    const settled = mine
      .catch(() => undefined)
      .then(() => {
        if (last.get(key) === settled) last.delete(key);
      });
    last.set(key, settled);
    return mine;
  };
}
