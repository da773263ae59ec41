import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchLab, type LabGiven, openBenchLab } from './lab.ts';
import type { Figures } from './figures.ts';

/** One thing that is measured. */
export interface Measurement {
  /** For `--only`. */
  name: string;
  /** How, in one sentence: what is warmed up, how often, how much. */
  about: string;
  run(bench: Bench): Promise<Figures>;
}

/** What a measurement works with. */
export interface Bench {
  /** A lab with that many containers that are out of memory, of its own and closed at the end. */
  lab(guests: number, given?: LabGiven): Promise<BenchLab>;
  /** A folder of this measurement's own, on the disk that is measured. */
  folder: string;
  /** A folder for what Node compiled; shared by all processes of one measurement, empty at its begin. */
  cache: string;
  /** Closes something at the end, also where the measurement failed. */
  atEnd(close: () => Promise<unknown>): void;
  say(text: string): void;
}

/** Runs one, and leaves nothing behind: no process, no folder. */
export async function measure(measurement: Measurement, say: (text: string) => void): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), 'gitmend-bench-'));
  const closing: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const bench: Bench = {
    folder,
    cache: join(folder, 'compiled'),
    say,
    atEnd: (close) => closing.unshift(close),
    lab: async (guests, given) => {
      const lab = await openBenchLab(folder, guests, given);
      closing.unshift(() => lab.close());
      return lab;
    },
  };
  try {
    return await measurement.run(bench);
  } finally {
    for (const close of closing) await close();
  }
}
