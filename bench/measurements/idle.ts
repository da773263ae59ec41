import { setTimeout as sleep } from 'node:timers/promises';
import type { Measurement } from '../measurement.ts';
import { settled, startServe } from '../serve.ts';
import { median } from '../statistics.ts';

const [rest, samples] = [30, 30];
const mib = 1024 ** 2;

export const idle: Measurement = {
  name: 'idle',
  about: `resident memory of gitmend serve on the lab of five guests with nothing to do but its own looks: ${samples} samples, one a second, after ${rest} s of rest; the median`,
  async run(bench) {
    const lab = await bench.lab(0);
    const first = await startServe(lab, bench.cache);
    await settled(first);
    await first.stop();
    const serve = await startServe(lab, bench.cache);
    bench.atEnd(() => serve.stop());
    await settled(serve);
    await sleep(rest * 1000);
    const seen: { rss: number; pss: number }[] = [];
    for (let index = 0; index < samples; index += 1) {
      seen.push(await serve.memory());
      await sleep(1000);
    }
    return {
      idle_mib: median(seen.map(({ rss }) => rss)) / mib,
      idle_max_mib: Math.max(...seen.map(({ rss }) => rss)) / mib,
      idle_pss_mib: median(seen.map(({ pss }) => pss)) / mib,
    };
  },
};
