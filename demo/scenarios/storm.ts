import { writeFile } from 'node:fs/promises';
import { memoryShort } from '../../simulators/pve/index.ts';
import { type Alert, webhook } from '../alertmanager.ts';
import {
  demand,
  memoryOf,
  merge,
  openPullRequests,
  runnerWorks,
  sayPlan,
  type Scenario,
  type Stage,
  writes,
} from '../story.ts';

const size = 500;

/** Half of them repeat the alert as it is; the others are its siblings: other rules, labels and times, the same fault. */
export const storm: Scenario = {
  name: 'storm',
  about: '500 repeats and siblings of the same alert, two healers at once: exactly one pull request',
  promise: 'verified',
  trouble: memoryShort,
  async play(stage) {
    const alerts = Array.from({ length: size }, (_, index) =>
      index % 2 === 0 ? stage.lab.alert : sibling(stage, index),
    );
    await arrive(stage, alerts.slice(0, size / 2), 2);
    const [only] = await openPullRequests(stage);
    demand(only !== undefined, 'no pull request was opened');
    stage.say(`pull request #${only.number} ${only.title}`);
    await arrive(stage, alerts.slice(size / 2), 2);
    const all = await stage.lab.forge.pullRequests({ state: 'all' });
    demand(all.length === 1, `${all.length} pull requests were opened for one fault`);
    stage.say(`${size} alerts, 1 pull request`);
    await sayPlan(stage, only.number);
    await merge(stage, only.number);
    const record = await runnerWorks(stage, only.number);
    demand(
      memoryOf(stage, 200) === 3072 && writes(stage) === 1,
      `${writes(stage)} writes, memory ${memoryOf(stage, 200)} MiB`,
    );
    return record.outcome;
  },
};

/** The rules that the same lack of memory sets off. */
const others = ['HostOutOfMemory', 'GuestMemoryHigh', 'HostSwapIsFillingUp', 'HostMemoryUnderMemoryPressure'];

function sibling({ lab: { alert } }: Stage, index: number): Alert {
  const name = others[index % others.length] ?? 'GuestMemoryHigh';
  return {
    labels: { ...alert.labels, alertname: name, replica: String(index) },
    annotations: { summary: `${name} number ${index}` },
    startsAt: new Date(Date.parse(alert.startsAt) + index * 1000).toISOString(),
    fingerprint: index.toString(16).padStart(16, '0'),
  };
}

/** One delivery of all these alerts, to that many healers at the same time. */
async function arrive({ lab, bot, say }: Stage, alerts: readonly Alert[], healers: number): Promise<void> {
  await writeFile(lab.payload, webhook(alerts));
  say(`${alerts.length} alerts about ${lab.alert.labels['id'] ?? ''} arrive at ${healers} healers at once`);
  await Promise.all(Array.from({ length: healers }, () => bot.heal()));
}
