import { stripVTControlCharacters } from 'node:util';
import type { AnsiblePlan } from '../../core/ansible.ts';
import { GitmendError } from '../../core/errors.ts';
import type { Secrets } from '../../ansible/index.ts';
import type { ProgramRun } from '../program.ts';

const mostLetters = 2000;

/** Why a call of ansible-playbook failed, as one of the named errors. What is secret is in no message. */
export function failureOf(program: string, run: ProgramRun, secrets: Secrets): GitmendError {
  if (run.missing) return new GitmendError('ANSIBLE_MISSING', `${program} could not be started on this machine`);
  const said = secrets
    .text(stripVTControlCharacters(run.stderr || run.stdout))
    .replace(/\s*\n\s*/g, ' ')
    .trim()
    .slice(0, mostLetters);
  if (run.code !== undefined)
    return new GitmendError('ANSIBLE_FAILED', `${program}: ${said || `ended with ${run.code} and said nothing`}`);
  const code = /^it took longer/.test(run.why) ? 'ANSIBLE_TIMEOUT' : 'ANSIBLE_KILLED';
  return new GitmendError(code, `${program} did not end by itself: ${run.why}`, { details: { said } });
}

/** Throws ANSIBLE_UNREACHABLE or ANSIBLE_TASK_FAILED, naming every such host, where a run did not do all that it should. */
export function demandWhole({ playbook, hosts }: AnsiblePlan): void {
  const failed = hosts.flatMap(({ host, failed: one }) =>
    one === undefined ? [] : [`${host}: ${one.task}: ${one.why}`],
  );
  if (failed.length > 0) throw new GitmendError('ANSIBLE_TASK_FAILED', `${playbook}: ${failed.join('; ')}`);
  const gone = hosts.flatMap(({ host, unreachable }) => (unreachable === undefined ? [] : [`${host}: ${unreachable}`]));
  if (gone.length > 0) throw new GitmendError('ANSIBLE_UNREACHABLE', `${playbook}: ${gone.join('; ')}`);
}
