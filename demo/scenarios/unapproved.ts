import { homeLab } from '../../simulators/pve/index.ts';
import { demand, memoryOf, merge, openByHand, pushEdit, runnerWorks, sayPlan, type Scenario } from '../story.ts';

export const unapproved: Scenario = {
  name: 'unapproved',
  about: 'a direct push to the default branch: shown, not applied, not carried along by the next pull request',
  promise: 'unapproved',
  trouble: (_world, now) => homeLab(now),
  async play(stage) {
    await stage.bot.plan();
    await pushEdit(
      stage,
      'main',
      { 'guests/frigate.yaml': (text) => text.replace(/^memory: 4096/m, 'memory: 8192') },
      'frigate: more memory, quickly',
    );
    stage.say('pushed to main without a pull request: frigate memory 4096 → 8192 MiB');
    await stage.bot.run();
    demand(memoryOf(stage, 202) === 4096, 'a direct push was applied');
    const number = await openByHand(
      stage,
      'more-for-nextcloud',
      { 'guests/nextcloud.yaml': (text) => text.replace(/^memory: 4096/m, 'memory: 5120') },
      'nextcloud: more memory',
    );
    await stage.bot.plan();
    await sayPlan(stage, number);
    await merge(stage, number);
    const record = await runnerWorks(stage, number);
    demand(
      record.outcome === 'verified' && memoryOf(stage, 201) === 5120,
      `the next pull request ended ${record.outcome}`,
    );
    demand(memoryOf(stage, 202) === 4096, 'the direct push was carried along');
    const status = await stage.bot.status();
    const line = status.split('\n').find((text) => text.startsWith('unapproved'));
    demand(line?.includes('frigate') === true, `status does not show the push:\n${status}`);
    stage.say(line);
    return 'unapproved';
  },
};
