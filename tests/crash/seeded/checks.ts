import { runOutcomes, stopReasons } from '../../../src/core/outcome.ts';
import type { RunRecord } from '../../../src/core/run.ts';
import type { StepAction } from '../../../src/core/step.ts';
import { readApplied } from '../../../src/ledger/applied.ts';
import { readChain } from '../../../src/ledger/records.ts';
import { verifyChain } from '../../../src/ledger/verify.ts';
import type { Effect, Home } from '../../support/memory-home.ts';
import type { Merged, Round } from './round.ts';

/** What is not as promised after a round, one line each; and the outcomes of its runs. */
export interface Judged {
  faults: string[];
  outcomes: string[];
}

export async function judge(home: Home, round: Round): Promise<Judged> {
  const { reader } = home;
  await reader.fetch();
  const chain = await readChain(reader);
  if (!chain.ok) return { faults: [`the chain of records is broken: ${chain.why}`], outcomes: [] };
  const records = chain.records.map(({ record }) => record);
  const faults: string[] = [];
  const outcomes: string[] = [];
  for (const merged of round.merged) {
    const own = records.filter(
      ({ pullRequest, outcome }) => pullRequest?.number === merged.number && outcome !== 'regressed',
    );
    faults.push(...recordFaults(home, round, merged, own), ...effectFaults(home, round, merged));
    for (const { outcome, reason } of own) outcomes.push(reason === undefined ? outcome : `${outcome} (${reason})`);
    if (own.length === 0) outcomes.push(isRun(merged) ? 'waiting' : 'no run');
  }
  faults.push(...strayEffects(home, round), ...(await refFaults(home, round, records)), ...(await chainFaults(home)));
  return { faults, outcomes };
}

/** A merge of what was refused is no approval, and is shown as unapproved; one that changes no file asks for nothing. */
function isRun({ plan, changes }: Merged): boolean {
  return plan.refusals.length === 0 && changes;
}

function recordFaults(home: Home, round: Round, merged: Merged, own: readonly RunRecord[]): string[] {
  const [record, ...more] = own;
  const name = `#${merged.number}`;
  if (more.length > 0) return [`${name} has ${own.length} records`];
  if (record === undefined)
    return round.waiting.length > 0 || !isRun(merged)
      ? []
      : [`${name} is lost: no record, and nothing says that it waits`];
  const faults: string[] = [];
  if (!(record.outcome in runOutcomes)) faults.push(`${name} ended ${record.outcome}, which is no outcome`);
  if (record.outcome === 'not-applied' && !((record.reason ?? '') in stopReasons))
    faults.push(`${name} was not applied for no named reason`);
  return [...faults, ...liveFaults(home, round, merged, record)];
}

/** What the record says must be what is live, unless a person changed it since or another run did. */
function liveFaults(home: Home, round: Round, merged: Merged, record: RunRecord): string[] {
  const { vmid, number } = merged;
  const others = round.merged.some((other) => other.number !== number && other.vmid === vmid);
  if (round.edited.has(vmid) || others) return [];
  const live = home.liveText(vmid);
  if (record.outcome === 'not-applied')
    return live === round.before.get(vmid)
      ? []
      : [`#${number} was not applied, and ${vmid} changed from ${round.before.get(vmid) ?? ''} to ${live}`];
  if (record.outcome === 'unknown') return [];
  const [config] = JSON.parse(live) as [{ [field: string]: unknown }];
  const after = Object.assign({}, ...(record.steps ?? []).map((step) => step.after)) as { [field: string]: unknown };
  return Object.entries(after)
    .filter(([field, value]) => Number(config[field]) !== value)
    .map(
      ([field, value]) =>
        `#${number} ended ${record.outcome} with ${field} ${String(value)}, and ${String(config[field])} is live`,
    );
}

/** Each step of a run has one effect at most. */
function effectFaults({ effects }: Home, round: Round, { number, vmid, plan }: Merged): string[] {
  const since = effects.slice(round.effectsFrom).filter((effect) => effect.vmid === vmid);
  return plan.steps.flatMap((step) => {
    const { action } = step;
    const found = since.filter((effect) => isOf(action, effect, true));
    return found.length <= 1 ? [] : [`#${number} had ${found.length} effects: ${JSON.stringify(action)}`];
  });
}

/** Whether an effect is what an action does. `written`: a write alone counts, and no revert. */
function isOf(action: StepAction, effect: Effect, written: boolean): boolean {
  if (action.kind === 'reboot-guest') return effect.kind === 'reboot';
  return action.kind === 'set-guest-config' && (!written || effect.kind === 'put') && isFor(effect, action.set);
}

function isFor({ parameters }: Effect, set: { [key: string]: number }): boolean {
  return Object.entries(set).every(([key, value]) => Number(parameters[key]) === value);
}

/** Nothing changes a target but a step of an approved plan, and the taking back of what a refused write left waiting. */
function strayEffects({ effects }: Home, round: Round): string[] {
  const steps = round.merged.flatMap(({ vmid, plan }) => plan.steps.map(({ action }) => ({ vmid, action })));
  const stray = effects
    .slice(round.effectsFrom)
    .filter(
      (effect) =>
        effect.parameters['revert'] === undefined &&
        !steps.some(({ vmid, action }) => vmid === effect.vmid && isOf(action, effect, false)),
    );
  return stray.map((effect) => `nothing approved led to ${JSON.stringify(effect)}`);
}

async function refFaults(
  { reader, person }: Home,
  { waiting }: Round,
  records: readonly RunRecord[],
): Promise<string[]> {
  if (waiting.length > 0) return [];
  // Plans stay with pull requests that had no run: open, closed, or merged although they were refused.
  const settled = new Set(records.map(({ pullRequest }) => pullRequest?.number));
  const withoutRun = (await person.pullRequests({ state: 'all' })).filter(({ number }) => !settled.has(number));
  const needed = new Set(['refs/gitmend/applied', ...withoutRun.map(({ number }) => `refs/gitmend/plans/${number}`)]);
  const left = [...(await reader.refs('refs/gitmend')).keys()].filter((ref) => !needed.has(ref));
  return left.map((ref) => `${ref} is left`);
}

async function chainFaults({ reader }: Home): Promise<string[]> {
  const verified = await verifyChain(reader, { seen: undefined, signers: undefined });
  const applied = await readApplied(reader);
  return [
    ...(verified.ok ? [] : [`the records do not verify: ${verified.why}`]),
    ...(applied?.value === undefined ? ['the applied pointer cannot be read'] : []),
  ];
}
