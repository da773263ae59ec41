/** Something that is done again and again, one at a time. */
export interface Loop {
  /** Do it now, or once more when it is just being done. */
  poke(): void;
  /** Resolves when the pass that is under way has ended; no other one begins. */
  stop(): Promise<void>;
}

/** One pass; says after how many milliseconds the next one is due. */
export type Pass = () => Promise<number>;

/** Begins at once. A pass handles its own errors: what it throws is a bug, and `failed` decides how long to wait. */
export function startLoop(pass: Pass, failed: (error: unknown) => number): Loop {
  let stopped = false;
  let poked = false;
  let wake: () => void = () => undefined;
  const run = async (): Promise<void> => {
    while (!stopped) {
      poked = false;
      const wait = await pass().catch(failed);
      if (isTrue(stopped) || isTrue(poked)) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, wait);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  const ended = run();
  const poke = () => {
    poked = true;
    wake();
  };
  return {
    poke,
    stop: async () => {
      stopped = true;
      poke();
      await ended;
    },
  };
}

// What changes while something is awaited, the type checker does not see.
function isTrue(value: boolean): boolean {
  return value;
}
