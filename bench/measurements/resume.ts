import { alertAbout } from '../alerts.ts';
import type { BenchLab } from '../lab.ts';
import { deliver, deliverOne } from '../load.ts';
import type { Bench, Measurement } from '../measurement.ts';
import { startGitmend } from '../process.ts';
import { openWitness, type Serve, settled, startServe, type Witness } from '../serve.ts';
import type { Figures } from '../figures.ts';
import { until } from '../until.ts';

const repetitions = 5;

export const resume: Measurement = {
  name: 'resume',
  about: `kill -9 and a new start at once, ${repetitions} times each, the worst: the runner in the middle of its write until the same run has applied it once, and serve over accepted alerts until all of them are pull requests`,
  async run(bench) {
    // One fault for each run, one that is in work when serve is killed, and two that wait behind it.
    const lab = await bench.lab(repetitions * 4);
    let serve = await startServe(lab, bench.cache);
    bench.atEnd(() => serve.stop());
    await settled(serve);
    const witness = openWitness(lab);
    bench.atEnd(async () => witness.close());
    const spans: { ready: number[]; serve: number[]; runner: number[] } = { ready: [], serve: [], runner: [] };
    for (let index = 0; index < repetitions; index += 1) {
      const restarted = await killServe(bench, lab, serve, witness, index * 4 + 1);
      serve = restarted.serve;
      spans.ready.push(restarted.ready);
      spans.serve.push(restarted.done);
      spans.runner.push(await killRunner(bench, lab, serve, witness, index * 4));
    }
    return figuresOf(spans);
  },
};

function figuresOf({ ready, serve, runner }: { ready: number[]; serve: number[]; runner: number[] }): Figures {
  return {
    resume_s: Math.max(...serve, ...runner) / 1000,
    resume_runner_s: Math.max(...runner) / 1000,
    resume_serve_s: Math.max(...serve) / 1000,
    resume_serve_ready_s: Math.max(...ready) / 1000,
  };
}

/** Killed over three faults: the first is taken and being looked at, the others were accepted and nobody looked yet. */
async function killServe(bench: Bench, lab: BenchLab, serve: Serve, witness: Witness, first: number) {
  const guests = [first, first + 1, first + 2];
  const [begun = 0] = guests;
  await deliverOne(serve.door, alertAbout(1000 + begun, Date.now()));
  await until(() => (witness.inbox()['taken'] ?? 0) > 0, 10, 1);
  const rest = guests.slice(1);
  await deliver({
    door: serve.door,
    rate: 1000,
    amount: rest.length,
    body: (index) => alertAbout(1000 + (rest[index] ?? 0), Date.now()),
  });
  const killed = await serve.kill();
  const restarted = await startServe(lab, bench.cache);
  const ready = performance.now() - killed;
  await until(() => guests.every((index) => witness.pullRequestOf(`short-${index}`) !== undefined), 400, 2);
  const done = performance.now() - killed;
  await Promise.all(guests.map((index) => close(lab, witness, index)));
  return { serve: restarted, ready, done };
}

/** Killed when PVE has done what it was asked and nobody has written that down. Milliseconds until the run went on to its end. */
async function killRunner(bench: Bench, lab: BenchLab, serve: Serve, witness: Witness, guest: number): Promise<number> {
  await deliverOne(serve.door, alertAbout(1000 + guest, Date.now()));
  await until(() => witness.isPlanned(`short-${guest}`), 60, 20);
  const number = witness.pullRequestOf(`short-${guest}`) ?? 0;
  await lab.ask({ do: 'merge', number });
  const before = await lab.ask({ do: 'writes' });
  await lab.ask({ do: 'hold-write' });
  const runner = startGitmend(lab, 'write', ['runner'], bench.cache);
  await until(async () => (await lab.ask({ do: 'writes' })) > before, 60, 5);
  const killed = await runner.kill();
  const next = startGitmend(lab, 'write', ['runner'], bench.cache);
  await next.says(new RegExp(`^#${number} applied`, 'm'));
  const span = performance.now() - killed;
  await next.stop();
  const writes = (await lab.ask({ do: 'writes' })) - before;
  if (writes !== 1) throw new Error(`${writes} writes reached Proxmox VE, not one`);
  return span;
}

async function close(lab: BenchLab, witness: Witness, index: number): Promise<void> {
  await lab.ask({ do: 'close', number: witness.pullRequestOf(`short-${index}`) ?? 0 });
}
