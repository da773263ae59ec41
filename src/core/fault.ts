/** One thing wrong in a file that a person wrote. All faults of all files are reported at once. */
export interface Fault {
  file: string;
  /** 1-based; 0 where the fault is of the file as a whole. */
  line: number;
  column: number;
  /** Path of the field, e.g. `clusters[0].read`; empty for the whole file. */
  field: string;
  /** What is wrong, without a full stop. */
  problem: string;
  /** What to write instead; empty where there is nothing better to say. */
  mend: string;
  severity: 'fault' | 'warning';
}

/** Either a trusted value, or every fault found. */
export type Read<T> = { ok: true; value: T; warnings: Fault[] } | { ok: false; faults: Fault[] };

/** `guests/web.yaml:6:9 memory: 2g is not a number of MiB; did you mean 2048?` */
export function printFault(fault: Fault): string {
  return `${placeOf(fault)} ${sayFault(fault)}`;
}

/** `guests/web.yaml:6:9`, or the file alone where the fault is of it as a whole. */
export function placeOf({ file, line, column }: Fault): string {
  return line > 0 ? `${file}:${line}:${column}` : file;
}

/** `memory: 2g is not a number of MiB; did you mean 2048?` */
export function sayFault({ field, problem, mend }: Fault): string {
  return `${field === '' ? problem : `${field}: ${problem}`}${mend === '' ? '' : `; ${mend}`}`;
}
