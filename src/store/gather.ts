/** What happens to each of many, done together. */
interface Waiting<T, R> {
  item: T;
  settle: PromiseWithResolvers<R>;
}

/**
 * Makes one call of many that arrive at the same time (group commit): what arrives while a batch is being written goes
 * with the next one, so a burst pays for one durable write each few milliseconds and not for one each delivery. `together`
 * answers in the order of its items; where it throws, every one of the batch does.
 */
export function gather<T, R>(together: (items: T[]) => Promise<R[]>, most: number): (item: T) => Promise<R> {
  const line: Waiting<T, R>[] = [];
  let running = false;
  const run = async (): Promise<void> => {
    while (line.length > 0) {
      const batch = line.splice(0, most);
      try {
        const results = await together(batch.map(({ item }) => item));
        batch.forEach(({ settle }, at) => settle.resolve(results[at] as R));
      } catch (error) {
        batch.forEach(({ settle }) => settle.reject(error));
      }
      // Lets the answers out and the next requests in, so that they share a write.
      await new Promise(setImmediate);
    }
    running = false;
  };
  return (item) => {
    const settle = Promise.withResolvers<R>();
    line.push({ item, settle });
    if (!running) {
      running = true;
      setImmediate(() => void run());
    }
    return settle.promise;
  };
}
