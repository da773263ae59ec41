import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listen, type Listening, temporaryFolder } from './loopback.ts';
import { answers, needs } from './needs.ts';

/** Samples of one series: [seconds since the epoch, value], oldest first. */
export type Samples = readonly (readonly [number, number])[];

/** What a Prometheus shall know: series as they are written in text (`up{job="pve"}`), with their samples. */
export type History = readonly (readonly [series: string, samples: Samples])[];

/** Whether this machine has Debian's `prometheus`, with its `promtool`. */
export const hasPrometheus = (): boolean =>
  needs('prometheus', () => answers('prometheus', ['--version']) && answers('promtool', ['--version']));

/** A real Prometheus on loopback that scrapes nothing and has this history, as if it had scraped it. */
export async function startPrometheus(history: History): Promise<Listening> {
  const folder = temporaryFolder('prometheus');
  const data = join(folder, 'data');
  mkdirSync(data);
  writeFileSync(join(folder, 'history'), openMetrics(history));
  writeFileSync(join(folder, 'prometheus.yml'), '');
  // Blocks of two hours, as it makes them unless told, would be hundreds for a month.
  const blocks = ['tsdb', 'create-blocks-from', '--quiet', '--max-block-duration=2000h', 'openmetrics'];
  const made = spawnSync('promtool', [...blocks, join(folder, 'history'), data], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`promtool: ${made.stdout}${made.stderr}`);
  return listen(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${data}`,
      '--storage.tsdb.retention.time=20y',
      '--web.listen-address=127.0.0.1:0',
    ],
    folder,
    '/-/ready',
  );
}

/** OpenMetrics wants all samples of one metric in a row. */
function openMetrics(history: History): string {
  const nameOf = (series: string): string => series.replace(/\{.*/s, '');
  const sorted = history.toSorted(([a], [b]) => (nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0));
  const lines = sorted.flatMap(([series, samples]) => samples.map(([at, value]) => `${series} ${text(value)} ${at}`));
  return [...lines, '# EOF', ''].join('\n');
}

function text(value: number): string {
  return Number.isFinite(value) || Number.isNaN(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
}
