/** One value of a guest's file, as it is declared and as it is (or will be after a restart). */
export interface DriftedValue {
  /** As a path in the file: `memory`, `disk.size`. */
  field: string;
  /** `null`: the file does not say it, or the guest does not have it. */
  declared: PlainValue;
  live: PlainValue;
  /** It waits for a restart: what is in force is still something else. */
  pending: boolean;
}

/** A value that stands alone in a file. */
export type PlainValue = string | number | boolean | null;
