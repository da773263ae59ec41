import type { Measurement } from '../measurement.ts';
import { settled, startServe } from '../serve.ts';
import { median } from '../statistics.ts';

const repetitions = 15;

export const coldStart: Measurement = {
  name: 'cold-start',
  about: `the whole process of gitmend serve, from its start until /readyz says yes (store and forge answer); ${repetitions} times after a first one that fills Node's compile cache, the disk's cache warm; the median`,
  async run(bench) {
    const lab = await bench.lab(0);
    const first = await startServe(lab, bench.cache);
    await settled(first);
    await first.stop();
    const spans: number[] = [];
    for (let index = 0; index < repetitions; index += 1) {
      const serve = await startServe(lab, bench.cache);
      spans.push(serve.readyAfter);
      await serve.stop();
    }
    return {
      cold_start_ms: median(spans),
      cold_start_min_ms: Math.min(...spans),
      cold_start_max_ms: Math.max(...spans),
      cold_start_first_ms: first.readyAfter,
    };
  },
};
