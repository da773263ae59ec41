import type { Family, KnownRule } from './rules.ts';

const longestExpression = 8192;

/** The PromQL text in `generatorURL`'s `g0.expr`. Read as text; the address is never asked for anything. */
export function expressionOf(generatorURL: string): string | undefined {
  if (!URL.canParse(generatorURL)) return undefined;
  const expression = new URL(generatorURL).searchParams.get('g0.expr');
  return expression === null || expression.length > longestExpression ? undefined : expression;
}

/** Whether the rule is always true: Prometheus' usual dead-man switch. */
export function isAlwaysTrue(expression: string): boolean {
  return /^[\s(]*vector\s*\(\s*1\s*\)[\s)]*$/.test(expression);
}

/**
 * Family and direction of a rule nobody named, from the metrics it measures and the comparison behind them.
 * `undefined` where it measures nothing known, or things of more than one family.
 */
export function familyOfExpression(expression: string): KnownRule | undefined {
  const plain = withoutMatchers(expression);
  const measured = [...plain.matchAll(/[a-zA-Z_:][a-zA-Z0-9_:]*/g)].flatMap((match) => {
    const metric = metrics.find(([pattern]) => pattern.test(match[0]));
    return metric === undefined ? [] : [{ family: metric[1], counts: metric[2], at: match.index }];
  });
  const [first] = measured;
  if (first === undefined || measured.some(({ family }) => family !== first.family)) return undefined;
  return { family: first.family, asks: shrinkable.has(first.family) ? asksFor(plain, first.at, first.counts) : 'grow' };
}

type Counts = 'used' | 'free';

// What says how full or how well something is. Sizes, limits and `_info` only scale or name it, so they decide nothing.
const metrics: readonly (readonly [RegExp, Family, Counts])[] = [
  [/^(pve_memory_usage_bytes|container_memory_(working_set_bytes|usage_bytes|rss|failcnt))$/, 'memory', 'used'],
  [
    /^(container_oom_events_total|node_vmstat_(oom_kill|pswpin|pgmajfault)|node_pressure_memory_\w+)$/,
    'memory',
    'used',
  ],
  [/^node_memory_(MemAvailable|MemFree|SwapFree)_bytes$/, 'memory', 'free'],
  [/^(pve_cpu_usage_ratio|container_cpu_(usage_seconds|cfs_throttled_periods)_total|node_load\d+)$/, 'cpu', 'used'],
  // Idle time is what most rules measure, as `1 - idle`.
  [/^node_cpu_seconds_total$/, 'cpu', 'free'],
  [/^node_pressure_cpu_\w+$/, 'cpu', 'used'],
  [/^pve_disk_usage_bytes$/, 'disk', 'used'],
  [/^node_filesystem_(avail_bytes|free_bytes|files_free)$/, 'disk', 'free'],
  [/^pg_\w+$/, 'postgres', 'used'],
  [/^pve_up$/, 'guest-down', 'used'],
  [/^(pbs_\w+|restic_\w+|pve_not_backed_up_\w+)$/, 'backup', 'used'],
  [/^probe_ssl_\w+$/, 'certificate', 'used'],
  [/^probe_dns_\w+$/, 'dns', 'used'],
  [/^(smartctl_\w+|node_zfs_zpool_state|node_md_\w+)$/, 'hardware', 'used'],
];

// Only for these can "too little of it is used" be meant at all.
const shrinkable = new Set(['memory', 'cpu']);

function asksFor(plain: string, at: number, counts: Counts): 'grow' | 'shrink' {
  const sign = comparisonBehind(plain, at);
  if (sign === undefined) return 'grow';
  const used = counts === 'used' || isSubtracted(plain, at);
  return (sign === '>') === used ? 'grow' : 'shrink';
}

/** `>` or `<` as it reads with the metric on the left. */
function comparisonBehind(plain: string, at: number): '>' | '<' | undefined {
  const behind = /[<>]/.exec(plain.slice(at))?.[0];
  if (behind !== undefined) return behind as '>' | '<';
  // `90 < usage`: the comparison stands before the metric, so it reads the other way round.
  const before = plain.slice(0, at).match(/[<>]/g)?.at(-1);
  if (before === undefined) return undefined;
  return before === '<' ? '>' : '<';
}

// `1 - available / total` and `(total - available) / total` measure what is used.
function isSubtracted(plain: string, at: number): boolean {
  const sinceLastComparison =
    plain
      .slice(0, at)
      .split(/[<>]|\b(?:and|or|unless)\b/)
      .at(-1) ?? '';
  return sinceLastComparison.includes('-');
}

function withoutMatchers(expression: string): string {
  return expression
    .replace(/#[^\n]*/g, ' ')
    .replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g, ' ')
    .replace(/\{[^{}]*\}/g, ' ')
    .replace(/\[[^[\]]*\]/g, ' ')
    .replace(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)/g, ' ');
}
