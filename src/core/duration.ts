const seconds = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** `90s`, `10m`, `24h`, `7d` → seconds; `undefined` for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = /^([0-9]{1,7})(s|m|h|d)$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  return Number(amount) * seconds[unit as keyof typeof seconds];
}

/** Seconds → the shortest text that says exactly the same: 600 → `10m`, 86400 → `1d`. Fractions are rounded. */
export function printDuration(duration: number): string {
  const whole = Math.round(duration);
  const unit = (['d', 'h', 'm'] as const).find((candidate) => whole !== 0 && whole % seconds[candidate] === 0) ?? 's';
  return `${whole / seconds[unit]}${unit}`;
}
