import type { Signal } from '../core/signal.ts';
import { cpuDiagnoser } from './cpu/index.ts';
import type { Diagnoser } from './diagnoser.ts';
import { memoryDiagnoser } from './memory/index.ts';

export type { DiagnosedTarget, Diagnoser, DiagnosisInput, Limits } from './diagnoser.ts';

/** Every diagnoser by family, equal to the folders beside this file (a test compares them). */
export const diagnosers = { cpu: cpuDiagnoser, memory: memoryDiagnoser } as const satisfies {
  [family: string]: Diagnoser;
};

/** The diagnoser that takes a signal; `undefined` where its family has none yet. */
export function diagnoserOf(signal: Signal): Diagnoser | undefined {
  return Object.values<Diagnoser>(diagnosers).find((diagnoser) => diagnoser.takes(signal));
}
