import { canonical } from '../src/core/json.ts';
import type { PlanRecord } from '../src/core/plan.ts';
import { runId, type JournalEntry } from '../src/core/run.ts';
import { actionsDigest } from '../src/core/step.ts';
import { isoTime } from '../src/core/clock.ts';
import { emptyTree, openRepository, type Repository } from '../src/git/repository.ts';
import { holderOf, thisMachine } from '../src/ledger/holder.ts';
import { printJournalEntry } from '../src/records/journal.ts';
import { parsePlanRecord, printPlanRecord } from '../src/records/plan-record.ts';
import { demand, type Stage } from './story.ts';

/** A mirror of somebody who may push. */
async function attacker({ lab }: Stage): Promise<Repository> {
  const repo = await openRepository(`${lab.folder}/state/attacker.git`, lab.forge.remote, lab.forge.gitEnv);
  await repo.fetch();
  return repo;
}

/** Replaces the plan by one that says eight times the memory, consistent in itself. */
export async function forgePlan(stage: Stage, number: number): Promise<void> {
  const repo = await attacker(stage);
  const ref = `refs/gitmend/plans/${number}`;
  const tip = (await repo.tip(ref)) ?? '';
  const plan = await planOf(repo, tip);
  const steps = plan.steps.map((step) => ({
    ...step,
    action: { kind: 'set-guest-config' as const, set: { memory: 16384 } },
    after: { memory: 16384 },
  }));
  const forged: PlanRecord = { ...plan, steps, actions: actionsDigest(steps) };
  const tree = await repo.writeTree(undefined, new Map([['plan.json', printPlanRecord(forged)]]));
  const commit = await repo.commit({ tree, parents: [tip], message: 'plan\n', at: stage.lab.clock.now() });
  demand(await repo.push([{ ref, from: tip, to: commit }]), 'the forged plan could not be pushed');
}

/** Edits the plan comment so that it shows less than it binds. */
export async function editComment({ lab }: Stage, number: number): Promise<void> {
  const comment = (await lab.forge.comments(number)).find(({ body }) => body.includes('<!-- gitmend:plan -->'));
  demand(comment !== undefined, 'there is no plan comment to edit');
  await lab.forge.editAsBot(number, comment.id, comment.body.replace('3072', '2560'));
}

/** Writes a journal that claims the run has done everything. */
export async function forgeJournal(stage: Stage, number: number): Promise<void> {
  const repo = await attacker(stage);
  const plan = await planOf(repo, (await repo.tip(`refs/gitmend/plans/${number}`)) ?? '');
  const { mergeCommit = '' } = await stage.lab.forge.pullRequest(number);
  const run = runId(mergeCommit, plan.actions);
  const now = stage.lab.clock.now();
  const at = isoTime(now);
  const entries: JournalEntry[] = [
    {
      kind: 'begun',
      run,
      merge: mergeCommit,
      pullRequest: number,
      actions: plan.actions,
      writer: holderOf(await thisMachine(), run, at),
      at,
    },
    { kind: 'intended', index: 0, at },
    { kind: 'applied', index: 0, effect: 'f00d', took: 1, at },
    { kind: 'verifying', from: at, until: isoTime(now + plan.verification.window * 1000), at },
  ];
  let tip: string | undefined;
  for (const entry of entries) {
    tip = await repo.commit({
      tree: emptyTree,
      parents: tip === undefined ? [] : [tip],
      message: printJournalEntry(entry),
      at: now,
    });
  }
  demand(
    await repo.push([{ ref: `refs/gitmend/runs/${run}`, from: null, to: tip ?? '' }]),
    'the forged journal could not be pushed',
  );
}

/** Moves the pointer so that a guest seems to have been applied otherwise. */
export async function forgePointer(stage: Stage): Promise<void> {
  const repo = await attacker(stage);
  const ref = 'refs/gitmend/applied';
  const tip = (await repo.tip(ref)) ?? '';
  const pointer = JSON.parse((await repo.tree(tip)).get('applied.json') ?? '{}') as {
    targets: { [target: string]: { declaration: { memory: number } } };
  };
  const postgres = pointer.targets['home/lxc/200'];
  demand(postgres !== undefined, 'the pointer does not name postgres');
  postgres.declaration.memory = 1024;
  const tree = await repo.writeTree(undefined, new Map([['applied.json', `${canonical(pointer)}\n`]]));
  const commit = await repo.commit({ tree, parents: [tip], message: 'applied\n', at: stage.lab.clock.now() });
  demand(await repo.push([{ ref, from: tip, to: commit }]), 'the forged pointer could not be pushed');
}

async function planOf(repo: Repository, tip: string): Promise<PlanRecord> {
  const read = parsePlanRecord((await repo.tree(tip)).get('plan.json') ?? '');
  demand(read.ok, 'there is no plan to tamper with');
  return read.value;
}
