/** The value below which that share of the samples lies (nearest rank): 0.5 is the median. NaN of no samples. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const rank = Math.ceil(share * sorted.length);
  return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1] ?? NaN;
}

/** The nearest rank at one half: always one of the samples. */
export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}

/** Three figures are more than such a measurement is worth: 0.1234 → 0.123, 1234.5 → 1235. */
export function rounded(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
