import { homeLab } from '../../simulators/pve/index.ts';
import { demand, memoryOf, merge, openByHand, runnerWorks, sayPlan, type Scenario, writes } from '../story.ts';

export const byHand: Scenario = {
  name: 'by-hand',
  about: "a person edits a guest's file in a pull request of their own: the same path",
  promise: 'verified',
  trouble: (_world, now) => homeLab(now),
  async play(stage) {
    const number = await openByHand(
      stage,
      'more-for-nextcloud',
      { 'guests/nextcloud.yaml': (text) => text.replace(/^memory: 4096/m, 'memory: 5120') },
      'nextcloud: more memory',
    );
    stage.say(`pull request #${number} by you: nextcloud memory 4096 → 5120 MiB`);
    await stage.bot.plan();
    await sayPlan(stage, number);
    await merge(stage, number);
    const record = await runnerWorks(stage, number);
    demand(
      memoryOf(stage, 201) === 5120 && writes(stage) === 1,
      `${writes(stage)} writes, memory ${memoryOf(stage, 201)} MiB`,
    );
    return record.outcome;
  },
};
