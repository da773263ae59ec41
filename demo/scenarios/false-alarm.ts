import { falseAlarm } from '../../simulators/pve/index.ts';
import { alertArrives, demand, recordsOf, type Scenario, writes } from '../story.ts';

export const falseAlarmStory: Scenario = {
  name: 'false-alarm',
  about: 'the alert says 95 %, live evidence says 40 %: no pull request, the reason is recorded',
  promise: 'no-change',
  trouble: falseAlarm,
  async play(stage) {
    const pr = await alertArrives(stage);
    demand(pr === undefined, `#${pr?.number ?? ''} was opened for a false alarm`);
    await alertArrives(stage);
    const found = (await recordsOf(stage.lab)).filter(({ target }) => target === 'home/lxc/200');
    demand(found.length === 1, `${found.length} records of one diagnosis, repeated`);
    demand(writes(stage) === 0, 'something was written to Proxmox VE');
    stage.say(`recorded once: ${found[0]?.message ?? ''}`);
    return found[0]?.outcome ?? 'nothing';
  },
};
