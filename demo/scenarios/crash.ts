import { memoryShort } from '../../simulators/pve/index.ts';
import { alertArrives, demand, memoryOf, merge, runnerWorks, sayPlan, type Scenario, writes } from '../story.ts';

export const crash: Scenario = {
  name: 'crash',
  about: 'the runner is killed in the middle of the effect: the next start finishes without a second one',
  promise: 'verified',
  trouble: memoryShort,
  async play(stage) {
    const pr = await alertArrives(stage);
    demand(pr !== undefined, 'no pull request was opened');
    await sayPlan(stage, pr.number);
    await merge(stage, pr.number);
    await stage.bot.runKilled();
    stage.say(`runner killed (-9) in the middle of its write; memory on pve1 is ${memoryOf(stage, 200)} MiB by now`);
    const record = await runnerWorks(stage, pr.number);
    demand(writes(stage) === 1, `${writes(stage)} writes reached Proxmox VE, not one`);
    demand(memoryOf(stage, 200) === 3072, `memory is ${memoryOf(stage, 200)} MiB`);
    return record.outcome;
  },
};
