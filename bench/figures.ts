import { rounded } from './statistics.ts';

/** Measured values by name; the name ends with the unit. */
export type Figures = { [name: string]: number };

/** What a measurement aims at: the largest value that is good enough, or the only right one. */
export type Aim = { atMost: number } | { exactly: number };

export const aims: { readonly [name: string]: Aim } = {
  ack_p99_ms: { atMost: 10 },
  signal_to_pr_p95_ms: { atMost: 2000 },
  comment_to_reaction_p95_ms: { atMost: 100 },
  // The aim is bare Terraform and 0.3 s; where no Terraform runs, the stacks' own code is what is left out.
  pr_to_plan_over_synthesis_p95_ms: { atMost: 300 },
  pr_to_plan_over_terraform_p50_ms: { atMost: 300 },
  pr_to_plan_over_terraform_p95_ms: { atMost: 300 },
  forge_writes_per_plan: { atMost: 5 },
  cold_start_ms: { atMost: 400 },
  idle_mib: { atMost: 100 },
  storm_alerts: { exactly: 10_000 },
  storm_lost: { exactly: 0 },
  storm_pull_requests: { exactly: 20 },
  storm_memory_growth_mib: { atMost: 10 },
  resume_s: { atMost: 5 },
  import_200_s: { atMost: 60 },
  import_200_gated_s: { atMost: 60 },
  plan_200_over_terraform_percent: { atMost: 10 },
  plan_200_guests_read: { exactly: 1 },
};

/** `met`, `missed`, or nothing where nothing is aimed at. What could not be measured is missed. */
export function verdict(name: string, value: number): 'met' | 'missed' | '' {
  const aim = aims[name];
  if (aim === undefined) return '';
  return ('atMost' in aim ? value <= aim.atMost : value === aim.exactly) ? 'met' : 'missed';
}

/** One figure a line: name, value, aim, verdict. */
export function printFigures(figures: Figures): string {
  const rows = Object.entries(figures).map(([name, value]) => [
    name,
    String(rounded(value)),
    inWords(aims[name]),
    verdict(name, value),
  ]);
  const width = (column: number) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0));
  const widths = [width(0), width(1), width(2)];
  return rows
    .map(([name = '', value = '', aim = '', said = '']) =>
      `  ${name.padEnd(widths[0] ?? 0)}  ${value.padStart(widths[1] ?? 0)}  ${aim.padEnd(widths[2] ?? 0)}  ${said}`.trimEnd(),
    )
    .join('\n');
}

/** The one object of `--json`: figures by name, and the machine. A figure that is no number is null. */
export function printJson(figures: Figures, machine: object): string {
  const values = Object.entries(figures).map(([name, value]) => [name, Number.isFinite(value) ? rounded(value) : null]);
  return JSON.stringify({ ...Object.fromEntries(values), machine });
}

function inWords(aim: Aim | undefined): string {
  if (aim === undefined) return '';
  return 'atMost' in aim ? `at most ${aim.atMost}` : `exactly ${aim.exactly}`;
}
