type Results<T extends readonly unknown[]> = { -readonly [K in keyof T]: Awaited<T[K]> };

/**
 * The results of all of them, as `Promise.all` gives them, but never before every one has ended: where one fails, no other
 * goes on writing behind the back of whoever was told so. Throws what the first of them (in their order) failed with.
 */
export async function together<T extends readonly unknown[]>(...all: T): Promise<Results<T>> {
  const ended = await Promise.allSettled(all);
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
  return ended.map((one) => (one.status === 'fulfilled' ? one.value : undefined)) as Results<T>;
}
