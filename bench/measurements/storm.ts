import { alertAbout } from '../alerts.ts';
import { type Answered, deliver } from '../load.ts';
import type { Measurement } from '../measurement.ts';
import { openWitness, type Serve, settled, startServe, type Witness } from '../serve.ts';
import { median } from '../statistics.ts';
import { until } from '../until.ts';

const [alerts, seconds, faults] = [10_000, 60, 20];
const mib = 1024 ** 2;

export const storm: Measurement = {
  name: 'storm',
  about: `${alerts} alerts in ${seconds} s, each a delivery of its own, about ${faults} containers that are out of memory: half of them repeat themselves, half are siblings; ${faults} pull requests are right, lost is what was not accepted or never dealt with`,
  async run(bench) {
    const lab = await bench.lab(faults);
    const serve = await startServe(lab, bench.cache);
    bench.atEnd(() => serve.stop());
    await settled(serve);
    const memory = watchMemory(serve);
    const now = Date.now();
    const answers = await deliver({
      door: serve.door,
      rate: alerts / seconds,
      amount: alerts,
      // Odd rounds over all containers repeat themselves word by word, even ones are new alerts about the same.
      body: (index) =>
        alertAbout(1000 + (index % faults), now, Math.floor(index / faults) % 2 === 1 ? undefined : index),
    });
    const during = memory.stop();
    const ended = performance.now();
    const witness = openWitness(lab);
    await until(() => isQuiet(witness), 300, 100);
    const drained = (performance.now() - ended) / 1000;
    const lost = lostOf(answers, witness.done());
    const pullRequests = witness.pullRequests();
    witness.close();
    return {
      storm_alerts: answers.length,
      storm_lost: lost,
      storm_pull_requests: pullRequests,
      storm_memory_growth_mib: growth(during) / mib,
      storm_memory_peak_mib: Math.max(...during) / mib,
      storm_drained_s: drained,
    };
  },
};

function isQuiet(witness: Witness): boolean {
  const { waiting = 0, taken = 0 } = witness.inbox();
  return waiting + taken === 0;
}

/** What the door did not accept, and what it accepted and nobody ever dealt with. */
function lostOf(answers: readonly Answered[], done: ReadonlySet<string>): number {
  return answers.filter(({ status, words }) => status !== 200 || !done.has(words.split(' ')[1] ?? '')).length;
}

/** Resident bytes, once a second. */
function watchMemory(serve: Serve): { stop: () => number[] } {
  const seen: number[] = [];
  const timer = setInterval(() => void serve.memory().then(({ rss }) => seen.push(rss)), 1000);
  return {
    stop: () => {
      clearInterval(timer);
      return seen;
    },
  };
}

/** The last quarter of the storm against its second one: in the first everything grows to its size. */
function growth(samples: readonly number[]): number {
  const quarter = Math.floor(samples.length / 4);
  return median(samples.slice(-quarter)) - median(samples.slice(quarter, 2 * quarter));
}
