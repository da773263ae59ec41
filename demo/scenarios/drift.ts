import { homeLab } from '../../simulators/pve/index.ts';
import type { PullRequest } from '../../src/forges/forge.ts';
import {
  demand,
  memoryOf,
  merge,
  openPullRequests,
  pushEdit,
  recordOf,
  resizeByHand,
  runnerWorks,
  sayPlan,
  type Scenario,
  type Stage,
  writes,
} from '../story.ts';

/** Somebody changes a container on the node. Twice: what is declared is restored, then what is live is accepted. */
export const drift: Scenario = {
  name: 'drift',
  about: 'somebody changes a container by hand on the node: accept it, or restore what is declared',
  promise: 'verified',
  trouble: (_world, now) => homeLab(now),
  async play(stage) {
    // A story does not wait for ten minutes between its two looks.
    await pushEdit(stage, 'main', { 'gitmend.yaml': (text) => `${text}drift: { settle: 2s }\n` }, 'a short drift');
    await stage.bot.plan();
    const restored = await restore(stage, await drifted(stage, 4096));
    const accepted = await accept(stage, await drifted(stage, 6144));
    return restored === accepted ? restored : `${restored} and ${accepted}`;
  },
};

/** Two looks after somebody's hand. Returns the one pull request that accepts it. */
async function drifted(stage: Stage, memory: number): Promise<PullRequest> {
  await resizeByHand(stage, 200, memory);
  await stage.bot.drift();
  demand((await openPullRequests(stage)).length === 0, 'a first look was enough');
  await stage.lab.clock.sleep(2_500);
  for (let look = 0; look < 2; look += 1) await stage.bot.drift();
  const [pr, ...more] = await openPullRequests(stage);
  demand(pr !== undefined && more.length === 0, `${more.length} more pull requests were opened for one drift`);
  stage.say(`the same at two looks: pull request #${pr.number} ${pr.title}`);
  await sayPlan(stage, pr.number);
  return pr;
}

async function restore(stage: Stage, pr: PullRequest): Promise<string> {
  await stage.bot.restore('lxc/200');
  const way = (await openPullRequests(stage)).find(({ number }) => number !== pr.number);
  demand(way !== undefined, 'nothing was opened that restores');
  stage.say(`restore asked for: pull request #${way.number} ${way.title}`);
  await sayPlan(stage, way.number);
  await merge(stage, way.number);
  const record = await runnerWorks(stage, way.number);
  demand(memoryOf(stage, 200) === 2048 && writes(stage) === 1, `${writes(stage)} writes, ${memoryOf(stage, 200)} MiB`);
  demand((await openPullRequests(stage)).length === 0, `#${pr.number} was left open`);
  return record.outcome;
}

async function accept(stage: Stage, pr: PullRequest): Promise<string> {
  await merge(stage, pr.number);
  await stage.bot.run();
  const record = await recordOf(stage, pr.number);
  demand(record !== undefined, `#${pr.number} has no record`);
  demand(memoryOf(stage, 200) === 6144 && writes(stage) === 1, `${writes(stage)} writes, ${memoryOf(stage, 200)} MiB`);
  demand(record.steps?.length === 0, 'accepting what is live had a step');
  stage.say(`${record.outcome}: guests/postgres.yaml declares what is live, and nothing was written to pve1`);
  return record.outcome;
}
