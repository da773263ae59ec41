import { memoryShort } from '../../simulators/pve/index.ts';
import { alertArrives, demand, memoryOf, merge, runnerWorks, sayPlan, type Scenario, writes } from '../story.ts';

export const memory: Scenario = {
  name: 'memory',
  about: 'a container runs out of memory: one changed line, applied live, verified',
  promise: 'verified',
  trouble: memoryShort,
  async play(stage) {
    const pr = await alertArrives(stage);
    demand(pr !== undefined, 'no pull request was opened');
    demand(writes(stage) === 0, 'planning has written to Proxmox VE');
    await sayPlan(stage, pr.number);
    await merge(stage, pr.number);
    const record = await runnerWorks(stage, pr.number);
    demand(
      memoryOf(stage, 200) === 3072 && writes(stage) === 1,
      `${writes(stage)} writes, memory ${memoryOf(stage, 200)} MiB`,
    );
    return record.outcome;
  },
};
