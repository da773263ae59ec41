import { noHeadroom } from '../../simulators/pve/index.ts';
import { alertArrives, demand, recordsOf, type Scenario, writes } from '../story.ts';

export const noHeadroomStory: Scenario = {
  name: 'no-headroom',
  about: 'the host has no memory left: a report that says what would help',
  promise: 'report-only',
  trouble: noHeadroom,
  async play(stage) {
    const pr = await alertArrives(stage);
    demand(pr === undefined, `#${pr?.number ?? ''} was opened although the host is full`);
    const found = (await recordsOf(stage.lab)).findLast(({ target }) => target === 'home/lxc/200');
    demand(found !== undefined, 'the diagnosis was not recorded');
    demand(writes(stage) === 0, 'something was written to Proxmox VE');
    return found.outcome;
  },
};
