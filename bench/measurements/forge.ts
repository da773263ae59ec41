import type { BenchLab } from '../lab.ts';
import type { Bench, Measurement } from '../measurement.ts';
import { systemClock } from '../../src/cli/clock.ts';
import { readConfig } from '../../src/config/read.ts';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { openForge } from '../../src/forges/index.ts';
import { openRepository } from '../../src/git/repository.ts';
import { synthesize } from '../../src/synth/index.ts';
import { settled, startServe } from '../serve.ts';
import { median, percentile } from '../statistics.ts';

const [warm, measured, many, polls, syntheses] = [2, 20, 10_000, 5, 7];

export const forge: Measurement = {
  name: 'forge',
  about: `a stand-in Gitea that posts its web hooks: ${measured} pull requests of a person (after ${warm} to warm up), each from its hook to the first status and to the plan comment; ${measured} commands, each from its hook to the reaction; then ${many} open pull requests of which one changes`,
  async run(bench) {
    return { ...(await opened(bench)), ...(await polled(bench)) };
  },
};

async function opened(bench: Bench) {
  const lab = await bench.lab(warm + measured, { forge: 'gitea' });
  const serve = await startServe(lab, bench.cache);
  bench.atEnd(() => serve.stop());
  await settled(serve);
  const samples: { [name: string]: number }[] = [];
  let last = 0;
  for (let guest = 0; guest < warm + measured; guest += 1) {
    // What is open does not pile up; the last one stays, for the commands.
    if (last > 0) await lab.ask({ do: 'close', number: last });
    const { value, values } = await lab.askAll({ do: 'open', guest, door: serve.door, change: { memory: 3072 } });
    last = value;
    samples.push(values);
  }
  const reactions = await commands(lab, last, serve.door);
  const counted = samples.slice(warm);
  const bare = await bareSynthesis(lab);
  const of = (name: string): number[] => counted.map((sample) => sample[name] ?? NaN);
  return {
    hook_to_pending_p50_ms: percentile(of('pending'), 0.5),
    hook_to_pending_p95_ms: percentile(of('pending'), 0.95),
    pr_to_plan_p50_ms: percentile(of('planned'), 0.5),
    pr_to_plan_p95_ms: percentile(of('planned'), 0.95),
    bare_synthesis_p50_ms: bare,
    pr_to_plan_over_synthesis_p95_ms: percentile(of('planned'), 0.95) - bare,
    forge_writes_per_plan: Math.max(...of('writes')),
    ...reactions,
  };
}

/** What the repository's own stack code takes by itself, once: nobody shows what it leads to without running it. */
async function bareSynthesis(lab: BenchLab): Promise<number> {
  const tree = await (await openRepository(join(lab.clone, '.git'), lab.clone)).tree('HEAD');
  const modules = dirname(dirname(createRequire(import.meta.url).resolve('cdktn/package.json')));
  const spans: number[] = [];
  for (let run = 0; run < syntheses; run += 1) {
    const begun = performance.now();
    const { ok } = await synthesize({ code: tree, data: tree, modules, node: process.execPath, timeout: 60 });
    if (!ok) throw new Error('the stacks of the lab cannot be synthesized');
    spans.push(performance.now() - begun);
  }
  return median(spans);
}

async function commands(lab: BenchLab, number: number, door: string) {
  const [reacted, answered]: [number[], number[]] = [[], []];
  for (let index = 0; index < warm + measured; index += 1) {
    const { value, values } = await lab.askAll({ do: 'command', number, door });
    if (index < warm) continue;
    reacted.push(value);
    answered.push(values['answered'] ?? NaN);
  }
  return {
    comment_to_reaction_p50_ms: percentile(reacted, 0.5),
    comment_to_reaction_p95_ms: percentile(reacted, 0.95),
    comment_to_answer_p50_ms: percentile(answered, 0.5),
  };
}

/** The forge alone, as gitmend asks it: what changed of so many, and what one whole list of them takes. */
async function polled(bench: Bench) {
  const lab = await bench.lab(0, { forge: 'gitea' });
  const config = readConfig(await readFile(join(lab.clone, 'gitmend.yaml'), 'utf8'));
  if (!config.ok) throw new Error('gitmend.yaml of the lab cannot be read');
  const asked = await openForge(config.value.forge, {
    ...{ as: '', clock: systemClock, secret: ({ env }: { env: string }) => lab.env.read[env] ?? '' },
  });
  const open = await lab.ask({ do: 'many', amount: many });
  if (open !== many) throw new Error(`${open} are open, not ${many}`);
  let { cursor } = await asked.changedSince(undefined);
  const spans: number[] = [];
  for (let poll = 0; poll < polls; poll += 1) {
    const touched = await lab.ask({ do: 'touch' });
    const begun = performance.now();
    const changed = await asked.changedSince(cursor);
    for (const number of changed.numbers) await asked.pullRequest(number);
    spans.push((performance.now() - begun) / 1000);
    if (!changed.numbers.includes(touched)) throw new Error(`a poll did not find that #${touched} changed`);
    ({ cursor } = changed);
  }
  const begun = performance.now();
  const all = await asked.pullRequests({ state: 'open' });
  if (all.length !== many) throw new Error(`a list holds ${all.length}`);
  return { poll_10000_s: median(spans), list_10000_s: (performance.now() - begun) / 1000 };
}
