import { aloneOn, notAlone } from '../../ansible/alone.ts';
import { boundBy, checkFault, playbookWords, touchedHosts } from '../../ansible/playbook-step.ts';
import type { AnsibleEngine, AnsiblePlan, AnsibleWork, Unpredicted } from '../../core/ansible.ts';
import type { Refusal } from '../../core/change-set.ts';
import { GitmendError } from '../../core/errors.ts';
import { digestOf } from '../../core/json.ts';
import type { PlaybookAction, Step } from '../../core/step.ts';
import type { Applier, Checked, Observed } from '../applier.ts';
import { actionsOf, sayObjection } from '../../ansible/index.ts';

/** Files of one playbook, as they count now. */
export type WorkOf = (playbook: string) => AnsibleWork;

/** Playbooks that were checked, and the mechanism that runs them on the hosts that were approved. */
export interface PlaybookRunner {
  /** Check mode, on whatever hosts the playbook names. */
  check: (playbook: string) => Promise<AnsiblePlan>;
  applier: Applier;
}

/**
 * Playbooks by ansible-playbook. What a step was approved for is what check mode said of its hosts. One check serves the
 * comparison and the observation that follows it, until something is applied; whoever asks later makes another runner.
 */
export function playbookRunner(engine: AnsibleEngine, workOf: WorkOf): PlaybookRunner {
  const seen = new Map<string, Promise<AnsiblePlan>>();
  const check = (playbook: string): Promise<AnsiblePlan> => {
    const found = seen.get(playbook) ?? engine.check(workOf(playbook));
    seen.set(playbook, found);
    found.catch(() => seen.delete(playbook));
    return found;
  };
  const applier: Applier = {
    name: 'ansible',
    read: (target) => {
      throw new GitmendError('INTERNAL', `the applier ansible was asked for the guest ${target.vmid}`);
    },
    // It was checked a moment ago, for the plan or for the comparison with it.
    preview: (step) => Promise.resolve({ accepted: true, notes: [reachedWords(actionOf(step))] }),
    async apply(step) {
      const { playbook, hosts } = actionOf(step);
      seen.clear();
      const done = await engine.apply({ ...workOf(playbook), hosts });
      seen.clear();
      const fault = checkFault({ ...done, hosts: done.hosts.filter(({ host }) => hosts.includes(host)) });
      if (fault !== undefined) throw codedFault(fault);
      return digestOf(actionsOf(done));
    },
    observe: async (step) => observed(step, await check(actionOf(step).playbook)),
    // What a playbook wrote is its own to finish: the next check shows what is left of it.
    revertPending: () => Promise.resolve(),
    async verify(step) {
      const { playbook, hosts } = actionOf(step);
      return verified(step, await engine.check({ ...workOf(playbook), hosts }));
    },
  };
  return { check: async (playbook) => demandSameAlone(engine, workOf(playbook), await check(playbook)), applier };
}

/** Where an apply on fewer hosts could do something else, the check is made of these too. Throws ANSIBLE_REFUSED where it does. */
async function demandSameAlone(engine: AnsibleEngine, work: AnsibleWork, plan: AnsiblePlan): Promise<AnsiblePlan> {
  const hosts = aloneOn(work, plan);
  const against = hosts && notAlone(plan, await engine.check({ ...work, hosts }), hosts);
  if (against === undefined) return plan;
  throw new GitmendError('ANSIBLE_REFUSED', sayObjection(against), { details: { objections: [against] } });
}

function actionOf({ action, applier }: Step): PlaybookAction {
  if (action.kind === 'run-playbook') return action;
  throw new GitmendError('INTERNAL', `a step of ${applier} with the action ${action.kind} came to the applier ansible`);
}

function reachedWords({ hosts }: PlaybookAction): string {
  return `check mode reached ${hosts.length === 1 ? (hosts[0] ?? '') : `${hosts.length} hosts`}`;
}

/** The hosts of the step alone: what else differs is for the comparison of the whole playbook to say. */
function ofStep(step: Step, plan: AnsiblePlan): AnsiblePlan {
  const { hosts } = actionOf(step);
  const own = { ...plan, hosts: plan.hosts.filter(({ host }) => hosts.includes(host)) };
  const fault = checkFault(own);
  if (fault === undefined) return own;
  throw codedFault(fault);
}

function codedFault({ reason, message }: Refusal): GitmendError {
  return new GitmendError(reason === 'ansible-unreachable' ? 'ANSIBLE_UNREACHABLE' : 'ANSIBLE_TASK_FAILED', message);
}

function observed(step: Step, plan: AnsiblePlan): Observed {
  const { hosts, plan: approved } = actionOf(step);
  const now = ofStep(step, plan);
  // Before it is asked whether anything is left: of a playbook that predicts nothing, nothing ever is.
  if (boundBy(now, hosts) === approved) return { state: 'not-done', saw: 'check mode still says what was approved' };
  if (now.hosts.every(({ changes }) => changes.length === 0))
    return { state: 'done', saw: 'check mode finds nothing left to change on the hosts of this step' };
  return { state: 'unknown', saw: `${step.name} would now do something else than was shown: ${leftWords(now)}` };
}

/** `postgres: 2 tasks change; web: 1 task changes` */
function leftWords(plan: AnsiblePlan): string {
  const each = touchedHosts(plan).map(
    ({ host, changes, unpredicted }) =>
      `${host}: ${changes.length === 0 ? playbookWords(0, unpredicted.length) : changes.map(({ task }) => task).join(', ')}`,
  );
  return each.slice(0, 5).join('; ') + (each.length > 5 ? ` and ${each.length - 5} more hosts` : '');
}

function verified(step: Step, plan: AnsiblePlan): Checked {
  const now = ofStep(step, plan);
  const notObserved = [
    ...new Set(now.hosts.flatMap(({ host, unpredicted }) => unpredicted.map((one) => whatOf(one, host)))),
  ];
  if (now.hosts.every(({ changes }) => changes.length === 0))
    return { state: 'holds', why: `a second check of ${step.name} changes nothing`, notObserved };
  return { state: 'fails', why: `a second check of ${step.name} would still change ${leftWords(now)}`, notObserved };
}

function whatOf({ task, module }: Unpredicted, host: string): string {
  return `what ${task === '' ? module : task} did on ${host}`;
}
