import { setTimeout as sleep } from 'node:timers/promises';
import { alertAbout } from '../alerts.ts';
import { deliverOne } from '../load.ts';
import type { Measurement } from '../measurement.ts';
import { openWitness, settled, startServe } from '../serve.ts';
import { percentile } from '../statistics.ts';
import { until } from '../until.ts';

const [warm, measured] = [3, 40];

export const signalToPr: Measurement = {
  name: 'signal-to-pr',
  about: `${measured} different faults one after the other (after ${warm} to warm up), each from sending the alert until its pull request is on the local forge, at any moment of the planning that goes on beside it`,
  async run(bench) {
    const lab = await bench.lab(warm + measured);
    const serve = await startServe(lab, bench.cache);
    bench.atEnd(() => serve.stop());
    await settled(serve);
    const witness = openWitness(lab);
    const spans: number[] = [];
    for (let index = 0; index < warm + measured; index += 1) {
      const begun = performance.now();
      const { status, words } = await deliverOne(serve.door, alertAbout(1000 + index, Date.now()));
      if (status !== 200) throw new Error(`the door answered ${status}: ${words}`);
      await until(() => witness.pullRequestOf(`short-${index}`) !== undefined, 60, 2);
      spans.push(performance.now() - begun);
      // A person has seen enough of it: what is open does not pile up. The next one comes whenever it comes.
      await lab.ask({ do: 'close', number: witness.pullRequestOf(`short-${index}`) ?? 0 });
      await sleep(400 + ((index * 619) % 1000));
    }
    witness.close();
    const counted = spans.slice(warm);
    return {
      signal_to_pr_p50_ms: percentile(counted, 0.5),
      signal_to_pr_p95_ms: percentile(counted, 0.95),
      signal_to_pr_max_ms: Math.max(...counted),
      signal_to_pr_first_ms: spans[0] ?? NaN,
    };
  },
};
