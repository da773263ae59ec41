import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { alertAbout } from '../alerts.ts';
import { deliver } from '../load.ts';
import type { Measurement } from '../measurement.ts';
import { settled, startServe } from '../serve.ts';
import { percentile } from '../statistics.ts';

const [rate, warm, measured] = [200, 5, 30];

export const acknowledgement: Measurement = {
  name: 'ack',
  about: `the door at ${rate} deliveries a second, open loop, each another one and durable before its answer; ${warm} s warm-up, ${measured} s measured, healing goes on meanwhile`,
  async run(bench) {
    const lab = await bench.lab(1);
    const serve = await startServe(lab, bench.cache);
    bench.atEnd(() => serve.stop());
    await settled(serve);
    const disk = diskSyncs(lab.folder);
    const now = Date.now();
    const all = await deliver({
      door: serve.door,
      rate,
      amount: rate * (warm + measured),
      body: (index) => alertAbout(1000, now, index),
    });
    const counted = all.slice(rate * warm);
    const refused = all.filter(({ status }) => status !== 200);
    const [first] = refused;
    if (first !== undefined) bench.say(`${refused.length} were not accepted: ${first.status} ${first.words}`);
    const latencies = counted.map(({ latency }) => latency);
    return {
      ack_p50_ms: percentile(latencies, 0.5),
      ack_p95_ms: percentile(latencies, 0.95),
      ack_p99_ms: percentile(latencies, 0.99),
      ack_max_ms: Math.max(...latencies),
      ack_generator_late_p99_ms: percentile(
        counted.map(({ late }) => late),
        0.99,
      ),
      ack_disk_sync_p50_ms: percentile(disk, 0.5),
      ack_disk_sync_p99_ms: percentile(disk, 0.99),
      ack_refused: refused.length,
    };
  },
};

/** What the disk alone takes to make 8 KiB durable, before the load: no acknowledgement can be quicker. Milliseconds. */
function diskSyncs(folder: string): number[] {
  const file = openSync(join(folder, 'sync'), 'w');
  const page = Buffer.alloc(8192);
  const spans = Array.from({ length: 500 }, () => {
    writeSync(file, page);
    const begun = performance.now();
    fdatasyncSync(file);
    return performance.now() - begun;
  });
  closeSync(file);
  return spans;
}
