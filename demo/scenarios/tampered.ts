import { memoryShort } from '../../simulators/pve/index.ts';
import {
  alertArrives,
  demand,
  memoryOf,
  merge,
  recordsOf,
  runnerWorks,
  type Scenario,
  type Stage,
  writes,
} from '../story.ts';
import { editComment, forgeJournal, forgePlan, forgePointer } from '../tampering.ts';

/** Somebody who may push changes a plan record, a comment, a journal and the applied pointer. */
export const tampered: Scenario = {
  name: 'tampered',
  about:
    'plan record, comment, journal and applied pointer changed by somebody who may push: each named, nothing applied',
  promise: 'not-applied',
  trouble: memoryShort,
  async play(stage) {
    const reasons = [
      await stopped(stage, 'a plan record was replaced', forgePlan, 'plan-tampered'),
      await stopped(await stage.another(memoryShort), 'the plan comment was edited', editComment, 'comment-tampered'),
      await stopped(
        await stage.another(memoryShort),
        'a journal was written that claims the effect',
        undefined,
        'journal-tampered',
        forgeJournal,
      ),
    ];
    const last = await stage.another(memoryShort);
    await pointerRebuilt(last);
    return reasons.every((outcome) => outcome === 'not-applied') ? 'not-applied' : reasons.join(', ');
  },
};

type Tampering = (stage: Stage, number: number) => Promise<void>;

async function stopped(
  stage: Stage,
  what: string,
  before: Tampering | undefined,
  reason: string,
  after?: Tampering,
): Promise<string> {
  const pr = await alertArrives(stage);
  demand(pr !== undefined, 'no pull request was opened');
  const tamper = async (how: Tampering) => {
    await how(stage, pr.number);
    stage.say(what);
  };
  if (before !== undefined) await tamper(before);
  await merge(stage, pr.number);
  if (after !== undefined) await tamper(after);
  const record = await runnerWorks(stage, pr.number);
  demand(writes(stage) === 0 && memoryOf(stage, 200) === 2048, `${writes(stage)} writes reached Proxmox VE`);
  demand(record.reason === reason, `named ${record.reason ?? 'nothing'}, not ${reason}`);
  return record.outcome;
}

async function pointerRebuilt(stage: Stage): Promise<void> {
  await stage.bot.plan();
  await forgePointer(stage);
  stage.say('the applied pointer was changed');
  const said = await stage.bot.run();
  demand(said.includes('pointer-tampered'), `the pointer was not named: ${said}`);
  stage.say(said.split('\n').find((line) => line.includes('pointer-tampered')) ?? '');
  demand(
    (await recordsOf(stage.lab)).every(({ outcome }) => outcome === 'adopted') && writes(stage) === 0,
    'a forged pointer led to a run',
  );
}
