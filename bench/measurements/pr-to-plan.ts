import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Tree } from '../../src/core/change-set.ts';
import { openRepository } from '../../src/git/repository.ts';
import { mirror } from '../../tests/terraform/provider/build.ts';
import type { Figures } from '../figures.ts';
import type { BenchLab } from '../lab.ts';
import type { Measurement } from '../measurement.ts';
import { type Serve, settled, startServe } from '../serve.ts';
import { grown } from '../stack-tree.ts';
import { percentile } from '../statistics.ts';
import { bareTerraform, missingForTerraform, synthesized } from '../terraform-lab.ts';

/** Containers beside the template's five guests: one small stack. */
const guests = 4;
const [warm, measured] = [2, 20];

export const prToPlan: Measurement = {
  name: 'pr-to-plan',
  about: `a stand-in Gitea that posts its web hooks, and a small stack (${guests + 5} guests, all in the state) with the real Terraform and bpg/proxmox: ${measured} pull requests of a person (after ${warm} to warm up) that want a larger disk, each from its hook to the plan comment; after each the same change by Terraform alone (init, plan, show)`,
  async run(bench) {
    const missing = await missingForTerraform();
    if (missing !== undefined) {
      bench.say(`  ${missing}`);
      return {};
    }
    const lab = await bench.lab(guests, { forge: 'gitea', mirror });
    const tree = await (await openRepository(join(lab.clone, '.git'), lab.clone)).tree('HEAD');
    const serve = await startServe(lab, bench.cache);
    bench.atEnd(() => serve.stop());
    await settled(serve);
    const place = { lab, serve, tree, folder: join(bench.folder, 'bare') };
    await takeOver(place);
    const samples: Sample[] = [];
    for (let index = 0; index < warm + measured; index += 1) samples.push(await sampleOf(place, index));
    return figuresOf(samples.slice(warm));
  },
};

interface Place {
  lab: BenchLab;
  serve: Serve;
  tree: Tree;
  /** Where Terraform works by itself. */
  folder: string;
}

/** Milliseconds. */
interface Sample {
  pending: number;
  planned: number;
  synth: number;
  /** `init` + `plan` + `show` at the address of the guest that changes, and of the whole stack. */
  bare: number;
  whole: number;
}

/** Every guest is in the state, as it is once a stack is in use; both work on a copy of the same one. */
async function takeOver({ lab, tree, folder }: Place): Promise<void> {
  const { stack } = await synthesized(join(folder, 'synthesized'), tree);
  const terraform = await bareTerraform(folder, stack, { ...lab.pve, mirror });
  await terraform.init();
  await terraform.takeOver();
  const state = join(lab.folder, 'state');
  const [own = ''] = await readdir(state);
  const copy = join(state, own, 'terraform', 'guests.tfstate');
  await mkdir(dirname(copy), { recursive: true, mode: 0o700 });
  await copyFile(terraform.state, copy);
}

async function sampleOf({ lab, serve, tree, folder }: Place, index: number): Promise<Sample> {
  const [guest, disk] = [index % guests, 33 + index];
  const { value, values } = await lab.askAll({ do: 'open', guest, door: serve.door, change: { disk } });
  // What is open does not pile up.
  await lab.ask({ do: 'close', number: value });
  const changed = await synthesized(join(folder, `synthesized-${index}`), grown(tree, guest, disk));
  const terraform = await bareTerraform(folder, changed.stack, { ...lab.pve, mirror });
  const init = await terraform.init();
  const bare =
    (await terraform.plan([`proxmox_virtual_environment_container.short-${guest}`])) + (await terraform.show());
  const whole = (await terraform.plan([])) + (await terraform.show());
  const { pending = NaN, planned = NaN } = values;
  return { pending, planned, synth: changed.seconds * 1000, bare: (init + bare) * 1000, whole: (init + whole) * 1000 };
}

function figuresOf(samples: readonly Sample[]): Figures {
  const of = (name: keyof Sample, share: number): number =>
    percentile(
      samples.map((sample) => sample[name]),
      share,
    );
  const [bare, whole] = [of('bare', 0.5), of('whole', 0.5)];
  return {
    terraform_hook_to_pending_p50_ms: of('pending', 0.5),
    terraform_pr_to_plan_p50_ms: of('planned', 0.5),
    terraform_pr_to_plan_p95_ms: of('planned', 0.95),
    terraform_alone_p50_ms: bare,
    terraform_alone_whole_p50_ms: whole,
    terraform_synthesis_p50_ms: of('synth', 0.5),
    pr_to_plan_over_terraform_p50_ms: of('planned', 0.5) - bare,
    pr_to_plan_over_terraform_p95_ms: of('planned', 0.95) - bare,
    pr_to_plan_over_whole_terraform_p50_ms: of('planned', 0.5) - whole,
  };
}
