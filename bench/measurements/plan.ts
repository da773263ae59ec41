import { join } from 'node:path';
import type { Figures } from '../figures.ts';
import type { Tree } from '../../src/core/change-set.ts';
import type { Bench, Measurement } from '../measurement.ts';
import { grown, stackTree } from '../stack-tree.ts';
import { median } from '../statistics.ts';
import {
  bareTerraform,
  missingForTerraform,
  openPlanner,
  openPve,
  synthesized,
  terraformFolder,
} from '../terraform-lab.ts';

/** How many guests, and how often each is measured. `BENCH_GUESTS=10,200` names others. */
const sizes = (process.env['BENCH_GUESTS'] ?? '10,200,2000')
  .split(',')
  .map((guests) => [Number(guests), Number(guests) > 1000 ? 2 : 5] as const);
const MiB = 1024 ** 2;

export const plan: Measurement = {
  name: 'plan',
  about: `a larger disk for one of ${sizes.map(([guests]) => guests).join(', ')} containers that are in the state, by the real Terraform and bpg/proxmox: Terraform alone (init, plan, show at that address) and gitmend (the stack of that change synthesized, planned, read, judged and previewed) in turns, a fresh process each; then gitmend again in a process that goes on`,
  async run(bench) {
    const missing = await missingForTerraform();
    let all: Figures = {};
    if (missing !== undefined) {
      bench.say(`  ${missing}`);
      return all;
    }
    for (const [guests, times] of sizes) all = { ...all, ...(await planOf(bench, guests, times)) };
    return all;
  },
};

interface Sample {
  /** Seconds. */
  synth: number;
  init: number;
  plan: number;
  show: number;
  gitmend: number;
  again: number;
  /** Guests that gitmend's plan read by themselves. */
  read: number;
  /** Bytes, the most of the synthesis and of gitmend's process. */
  synthPeak: number;
  gitmendPeak: number;
}

async function planOf(bench: Bench, guests: number, times: number): Promise<Figures> {
  const folder = join(bench.folder, `plan-${guests}`);
  const pve = await openPve(guests);
  bench.atEnd(pve.close);
  const tree = stackTree(guests, pve);
  const base = await synthesized(join(folder, 'base'), tree);
  const terraform = await bareTerraform(terraformFolder(folder), base.stack, pve);
  await terraform.init();
  bench.say(`  ${guests} guests taken into the state in ${(await terraform.takeOver()).toFixed(1)} s`);
  const samples: Sample[] = [];
  for (let index = 0; index < times; index += 1)
    samples.push(await sampleOf(bench, { folder, guests, tree, pve, index }));
  const whole = await (await bareTerraform(terraformFolder(folder), base.stack, pve)).plan([]);
  await pve.read();
  return figuresOf(guests, samples, whole);
}

interface Place {
  folder: string;
  guests: number;
  tree: Tree;
  pve: Awaited<ReturnType<typeof openPve>>;
  /** Of the sample, and of the guest that is changed: nothing of it is known yet. */
  index: number;
}

async function sampleOf(bench: Bench, { folder, guests, tree, pve, index }: Place): Promise<Sample> {
  const changed = await synthesized(join(folder, `bare-${index}`), grown(tree, index, 40));
  const terraform = await bareTerraform(terraformFolder(folder), changed.stack, pve);
  const init = await terraform.init();
  const plan = await terraform.plan([`proxmox_virtual_environment_container.short-${index}`]);
  const show = await terraform.show();
  const planner = await openPlanner(folder, guests, pve, bench.cache);
  bench.atEnd(planner.close);
  await pve.read();
  const { seconds: gitmend } = await planner.plan({ guest: index, size: 41 });
  const { guests: read } = await pve.read();
  const { seconds: again, peak: gitmendPeak } = await planner.plan({ guest: index, size: 42 });
  await planner.close();
  return { synth: changed.seconds, init, plan, show, gitmend, again, read, synthPeak: changed.peak, gitmendPeak };
}

function figuresOf(guests: number, samples: readonly Sample[], whole: number): Figures {
  const of = (value: (sample: Sample) => number): number => median(samples.map(value));
  const bare = of(({ init, plan, show }) => init + plan + show);
  const typed = of(({ synth, init, plan, show }) => synth + init + plan + show);
  const gitmend = of((sample) => sample.gitmend);
  return {
    [`synth_${guests}_s`]: of(({ synth }) => synth),
    [`synth_${guests}_mib`]: of(({ synthPeak }) => synthPeak / MiB),
    [`plan_${guests}_terraform_init_s`]: of(({ init }) => init),
    [`plan_${guests}_terraform_plan_s`]: of((sample) => sample.plan),
    [`plan_${guests}_terraform_show_s`]: of(({ show }) => show),
    [`plan_${guests}_whole_s`]: whole,
    [`plan_${guests}_gitmend_s`]: gitmend,
    [`plan_${guests}_gitmend_again_s`]: of(({ again }) => again),
    [`plan_${guests}_gitmend_mib`]: of(({ gitmendPeak }) => gitmendPeak / MiB),
    [`plan_${guests}_over_terraform_percent`]: (100 * (gitmend - bare)) / bare,
    [`plan_${guests}_over_synth_and_terraform_percent`]: (100 * (gitmend - typed)) / typed,
    [`plan_${guests}_guests_read`]: Math.max(...samples.map(({ read }) => read)),
  };
}
