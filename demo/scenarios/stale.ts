import { memoryShort } from '../../simulators/pve/index.ts';
import {
  alertArrives,
  demand,
  memoryOf,
  merge,
  openPullRequests,
  resizeByHand,
  runnerWorks,
  sayPlan,
  type Scenario,
  writes,
} from '../story.ts';

export const stale: Scenario = {
  name: 'stale',
  about: 'someone changes the container between plan and merge: nothing applied, three ways out offered',
  promise: 'not-applied',
  trouble: memoryShort,
  async play(stage) {
    const pr = await alertArrives(stage);
    demand(pr !== undefined, 'no pull request was opened');
    await sayPlan(stage, pr.number);
    await resizeByHand(stage, 200, 4096);
    await merge(stage, pr.number);
    const before = writes(stage);
    const record = await runnerWorks(stage, pr.number);
    demand(
      writes(stage) === before && memoryOf(stage, 200) === 4096,
      'something was written although the plan was stale',
    );
    demand(record.reason === 'stale', `the reason is ${record.reason ?? 'not said'}`);
    await stage.bot.plan();
    const ways = await openPullRequests(stage);
    demand(ways.length === 3, `${ways.length} ways out are open, not three`);
    for (const way of ways) {
      stage.say(`way out #${way.number}: ${way.title}`);
      await sayPlan(stage, way.number);
    }
    return record.outcome;
  },
};
