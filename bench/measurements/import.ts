import { mirror } from '../../tests/terraform/provider/build.ts';
import type { Figures } from '../figures.ts';
import type { BenchLab, LabGiven } from '../lab.ts';
import type { Bench, Measurement } from '../measurement.ts';
import { startGitmend } from '../process.ts';
import { median } from '../statistics.ts';
import { missingForTerraform } from '../terraform-lab.ts';

const guests = 200;
const repetitions = { plain: 5, gated: 2 };

export const importing: Measurement = {
  name: 'import',
  about: `the whole process of gitmend import for ${guests} containers that no file declares, until its pull request is planned: a first one, which opens it, and ${repetitions.plain} that find it open; without Terraform, and then anew with the gate, a plan of every guest by the real Terraform and bpg/proxmox (${repetitions.gated} that find it open)`,
  async run(bench) {
    const plain = await imports(bench, /Not held against a plan of Terraform/, repetitions.plain);
    const figures = { import_200_s: plain.first, import_200_again_s: plain.again };
    const missing = await missingForTerraform();
    if (missing === undefined) return { ...figures, ...(await gated(bench)) };
    bench.say(`  the gate is ${missing}`);
    return figures;
  },
};

async function gated(bench: Bench): Promise<Figures> {
  const clean = /Terraform plans the import of (\d+) guests without a change/;
  const { first, again, said } = await imports(bench, clean, repetitions.gated, { mirror });
  // Fewer were not planned, and then it is not the gate that was measured.
  if (Number(said[1]) < guests) throw new Error(`Terraform planned ${said[1]} guests, not ${guests}`);
  return { import_200_gated_s: first, import_200_gated_again_s: again };
}

/** Seconds of the first import and the median of those after it; `gate` is what each must say of the plan. */
async function imports(bench: Bench, gate: RegExp, repetitions: number, given: LabGiven = {}) {
  const lab = await bench.lab(0, given);
  await lab.ask({ do: 'strangers', amount: guests });
  const first = await imported(bench, lab, gate);
  const again: number[] = [];
  for (let index = 0; index < repetitions; index += 1) again.push((await imported(bench, lab, gate)).seconds);
  return { first: first.seconds, again: median(again), said: first.said };
}

async function imported(
  bench: Bench,
  lab: BenchLab,
  gate: RegExp,
): Promise<{ seconds: number; said: RegExpExecArray }> {
  const run = startGitmend(lab, 'read', ['import'], bench.cache);
  const said = await run.says(gate);
  await run.says(new RegExp(`${guests} new guests\\n#1 `));
  await run.says(/\n#1 planned: no step/);
  const seconds = (performance.now() - run.begun) / 1000;
  await run.stop();
  return { seconds, said };
}
