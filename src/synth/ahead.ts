import type { Tree } from '../core/change-set.ts';
import { runChild } from './child.ts';
import { goAhead, loadingAhead } from './compiled.ts';
import { linkModules, readStacks, writeFiles } from './folder.ts';
import { inPrivateFolder } from './private-folder.ts';

/**
 * A Node that is started when a synthesis is likely, and has loaded what stack code is written with when it comes: that is
 * most of a small one. It runs one synthesis, in a private folder of its own, as any other does. For trusted code only.
 */
export interface Ahead {
  /** Something may be synthesized in a moment. Starts one where none waits; it waits for some seconds. */
  expect(): void;
  /** What the one that waits made of these files; `undefined` where none waits, or it came to no good end: run it as ever. */
  run(files: Tree): Promise<Stacks | undefined>;
  /** Ends the one that waits. */
  end(): Promise<void>;
}

export interface AheadMeans {
  /** As in `SynthesisInput`. */
  modules: string;
  node: string;
  compiled?: string;
  /** Seconds for all of it, the waiting included. */
  timeout: number;
  /** Milliseconds for which one waits; 10,000 unless told. What moved is planned within a second, or not at all. */
  patience?: number;
}

type Stacks = { [stack: string]: unknown };

interface Waiting {
  /** Nothing: it is not needed. */
  give: (files: Tree | undefined) => void;
  result: Promise<Stacks | undefined>;
}

export function openAhead(means: AheadMeans): Ahead {
  let waiting: Waiting | undefined;
  const take = (): Waiting | undefined => {
    const taken = waiting;
    waiting = undefined;
    return taken;
  };
  const drop = async (): Promise<void> => {
    const taken = take();
    taken?.give(undefined);
    await taken?.result;
  };
  return {
    expect() {
      if (waiting !== undefined) return;
      const mine = start(means);
      waiting = mine;
      const over = setTimeout(() => void drop(), means.patience ?? 10_000).unref();
      void mine.result.then(() => {
        clearTimeout(over);
        if (waiting === mine) waiting = undefined;
      });
    },
    async run(files) {
      const taken = take();
      taken?.give(files);
      return taken?.result;
    },
    end: drop,
  };
}

function start(means: AheadMeans): Waiting {
  const given = Promise.withResolvers<Tree | undefined>();
  // Whatever goes wrong, the files are synthesized without it, and then it is said what is amiss.
  const result = inPrivateFolder((folder) => startIn(folder, means, given.promise)).catch(() => undefined);
  return { give: given.resolve, result };
}

async function startIn(
  folder: string,
  { modules, node, compiled, timeout }: AheadMeans,
  given: Promise<Tree | undefined>,
): Promise<Stacks | undefined> {
  linkModules(folder, modules);
  let over = false;
  const third = given.then((files) => {
    // Its folder may be gone already, and must not come again.
    if (files === undefined || over) return Buffer.alloc(0);
    writeFiles(folder, files);
    return Buffer.from(goAhead);
  });
  const ended = await runChild({
    ...{ program: node, args: [...loadingAhead(compiled), 'stacks/main.ts'] },
    ...{ folder, timeout, third },
  });
  over = true;
  return ended.how === 'ended' && ended.code === 0 ? readStacks(folder) : undefined;
}
