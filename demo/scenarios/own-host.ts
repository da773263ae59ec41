import { homeLab, memoryShort, type World } from '../../simulators/pve/index.ts';
import {
  alertArrives,
  demand,
  memoryOf,
  merge,
  openByHand,
  openPullRequests,
  pushEdit,
  recordOf,
  runnerWorks,
  sayPlan,
  type Scenario,
  type Stage,
  writes,
} from '../story.ts';

const [container, machine] = [204, 203];

/** gitmend does not saw off its own branch. Twice: the forge in a container grows live, in a virtual machine it would restart. */
export const ownHost: Scenario = {
  name: 'own-host',
  about: 'the guest that carries the forge needs memory: live is fine, a change that reboots it is refused',
  promise: 'verified',
  trouble: forgeShort,
  async play(stage) {
    const pr = await alertArrives(stage);
    demand(pr !== undefined, 'no pull request was opened');
    await sayPlan(stage, pr.number);
    await merge(stage, pr.number);
    const record = await runnerWorks(stage, pr.number);
    demand(
      memoryOf(stage, container) === 3072 && writes(stage) === 1,
      `${writes(stage)} writes, memory ${memoryOf(stage, container)} MiB`,
    );
    await rebootRefused(await stage.another((_world, now) => homeLab(now)));
    return record.outcome;
  },
};

/** Scenario *memory* on gitea, which carries the forge, instead of postgres. */
function forgeShort(world: World, now: number): World {
  const [postgres, gitea] = [world.guests.get(200), world.guests.get(container)];
  if (postgres === undefined || gitea === undefined) throw new Error('the home lab has no postgres or no gitea');
  const well = postgres.load;
  memoryShort(world, now);
  const { load, loadBefore, loadSince } = postgres;
  Object.assign(gitea, { load, loadBefore, loadSince });
  postgres.load = well;
  delete postgres.loadBefore;
  delete postgres.loadSince;
  return world;
}

/** A lab whose forge is in a virtual machine, where more memory means a restart. Shown as refused, and refused when merged. */
async function rebootRefused(stage: Stage): Promise<void> {
  stage.say('another lab: its forge runs in the virtual machine homeassistant');
  await pushEdit(
    stage,
    'main',
    { 'guests/homeassistant.yaml': (text) => text.replace(/^carries: \[\]/m, 'carries: [forge]') },
    'homeassistant carries the forge',
  );
  await stage.bot.plan();
  const number = await openByHand(
    stage,
    'more-for-homeassistant',
    { 'guests/homeassistant.yaml': (text) => text.replace(/^memory: 4096/m, 'memory: 6144') },
    'homeassistant: more memory',
  );
  stage.say(`pull request #${number} by you: homeassistant memory 4096 → 6144 MiB`);
  sayRefused(stage, number, await stage.bot.plan());
  await sayPlan(stage, number);
  await merge(stage, number);
  for (const line of (await stage.bot.run()).split('\n')) stage.say(line);
  // To insist is a plan of its own, and no way around the rule.
  const insist = (await openPullRequests(stage)).find(({ title }) => title.includes('as declared'));
  demand(insist !== undefined, 'the way out that insists was not offered');
  sayRefused(stage, insist.number, await stage.bot.plan());
  demand((await recordOf(stage, number)) === undefined, 'a refused plan led to a run');
  demand(writes(stage) === 0 && memoryOf(stage, machine) === 4096, `${writes(stage)} writes reached Proxmox VE`);
}

function sayRefused(stage: Stage, number: number, said: string): void {
  const refused = said.split('\n').find((line) => line.startsWith(`#${number} refused (carries)`));
  demand(refused !== undefined, `#${number} was not refused:\n${said}`);
  stage.say(refused);
}
