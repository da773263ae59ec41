import type { Clock } from '../core/clock.ts';

/** `ok` for each part, or why it does not answer. */
type Readiness = { [part: string]: string };

/** Milliseconds for which an answer is given again: whoever asks all the time makes nobody ask the forge all the time. */
const goodFor = { ready: 3_000, unready: 1_000 };
/** Milliseconds that a part may take. */
const patience = 2_000;

/**
 * What answers now: an answer is at most 3 s old, 1 s where a part does not answer, and never longer waited for than 2 s.
 * Who asks while it is being found out hears the same.
 */
export function readiness(
  parts: { readonly [part: string]: () => Promise<unknown> },
  clock: Clock,
): () => Promise<Readiness> {
  let last: { at: number; answer: Readiness } | undefined;
  let looking: Promise<Readiness> | undefined;
  const look = async (): Promise<Readiness> => {
    const answer = await answersOf(parts, clock);
    last = { at: clock.now(), answer };
    return answer;
  };
  return async () => {
    if (last !== undefined && isGood(last, clock.now())) return last.answer;
    looking ??= look().finally(() => (looking = undefined));
    return looking;
  };
}

async function answersOf(parts: Parameters<typeof readiness>[0], clock: Clock): Promise<Readiness> {
  const states = Object.entries(parts).map(async ([part, ask]) => {
    const late = clock.sleep(patience).then(() => `does not answer in ${patience / 1000} s`);
    const answer = ask().then(
      () => 'ok',
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    return [part, await Promise.race([answer, late])] as const;
  });
  return Object.fromEntries(await Promise.all(states));
}

function isGood({ at, answer }: { at: number; answer: Readiness }, now: number): boolean {
  const ready = Object.values(answer).every((state) => state === 'ok');
  // A clock that was set back makes no answer good for longer.
  return Math.abs(now - at) < (ready ? goodFor.ready : goodFor.unready);
}
