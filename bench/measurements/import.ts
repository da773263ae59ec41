import type { Measurement } from '../measurement.ts';
import { startGitmend } from '../process.ts';
import { median } from '../statistics.ts';

const guests = 200;
const repetitions = 5;

export const importing: Measurement = {
  name: 'import',
  about: `the whole process of gitmend import for ${guests} containers that no file declares, until its pull request is planned: a first one, which opens it, and ${repetitions} that find it open; without Terraform`,
  async run(bench) {
    const lab = await bench.lab(0);
    await lab.ask({ do: 'strangers', amount: guests });
    const first = await imported();
    const again: number[] = [];
    for (let index = 0; index < repetitions; index += 1) again.push(await imported());
    return { import_200_s: first, import_200_again_s: median(again) };

    async function imported(): Promise<number> {
      const run = startGitmend(lab, 'read', ['import'], bench.cache);
      await run.says(new RegExp(`${guests} new guests\\n#1 `));
      await run.says(/\n#1 planned: no step/);
      const seconds = (performance.now() - run.begun) / 1000;
      await run.stop();
      return seconds;
    }
  },
};
