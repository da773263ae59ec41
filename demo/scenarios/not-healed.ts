import { notHealed } from '../../simulators/pve/index.ts';
import {
  alertArrives,
  demand,
  memoryOf,
  merge,
  openPullRequests,
  runnerWorks,
  sayPlan,
  type Scenario,
  type Stage,
} from '../story.ts';

/** The change does not help. Twice: where the way back is safe it is proposed, where it is not the report says why. */
export const notHealedStory: Scenario = {
  name: 'not-healed',
  about: 'the change does not help: the way back is proposed where it is safe, otherwise the report says why',
  promise: 'not-verified',
  trouble: (world, now) => notHealed(world, now, { oldCapSafe: false }),
  async play(stage) {
    stage.say('first: the server takes all it can get, so going back would not fit');
    const first = await raise(stage);
    demand((await openPullRequests(stage)).length === 0, 'an unsafe way back was proposed');
    const second = await stage.another((world, now) => notHealed(world, now, { oldCapSafe: true }));
    second.say('second: the guest is well again and the alert fires on, so going back is safe');
    second.lab.stubborn = true;
    const again = await raise(second);
    await second.bot.plan();
    const [back] = await openPullRequests(second);
    demand(back !== undefined, 'the safe way back was not proposed');
    second.say(`way back #${back.number}: ${back.title}`);
    await sayPlan(second, back.number);
    return first === again ? first : `${first} and ${again}`;
  },
};

async function raise(stage: Stage): Promise<string> {
  const pr = await alertArrives(stage);
  demand(pr !== undefined, 'no pull request was opened');
  await merge(stage, pr.number);
  const record = await runnerWorks(stage, pr.number);
  demand(memoryOf(stage, 200) > 2048, 'the raise was not applied');
  return record.outcome;
}
