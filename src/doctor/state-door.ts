import type { TerraformConfig } from '../core/config.ts';
import { keptByGitmend, stateAddress } from '../terraform/index.ts';
import { about, type Finding } from './finding.ts';
import type { Patient } from './patient.ts';

/** Asks the door of `gitmend serve` for each state that it keeps, as this role: whether it answers, and knows the password. */
export async function examineStateDoor(
  { role, env }: Pick<Patient, 'role' | 'env'>,
  stacks: { readonly [stack: string]: unknown },
  { state }: Pick<TerraformConfig, 'state'>,
): Promise<Finding[]> {
  const [kept] = Object.entries(stacks).filter(([, config]) => keptByGitmend(config, state));
  const password = state === undefined ? '' : (env[state[role].env] ?? '').trim();
  // That the variable is not set was said already.
  if (state === undefined || kept === undefined || password === '') return [];
  const { ok, warn, fault } = about('terraform.state');
  const status = await statusOf(stateAddress(state, kept[0]), role, password);
  if (typeof status === 'string')
    return [
      warn(
        `${state.url} does not answer (${status}), so no plan can be made`,
        'start gitmend serve, or mend terraform.state.url; for a CA of your own NODE_EXTRA_CA_CERTS',
      ),
    ];
  if (status === 200 || status === 404) return [ok(`${state.url} opens to the user ${role}`)];
  if (status === 401 || status === 429)
    return [
      fault(
        `${state.url} does not know the password in ${state[role].env}`,
        'give this process and gitmend serve the same value, and start serve again',
      ),
    ];
  const mend = 'the log of gitmend serve says why (state-failed); gitmend explain TERRAFORM_STATE_SEALED';
  return [fault(`${state.url} answers ${status} for the state of ${kept[0]}`, mend)];
}

/** The status of a look, or the system's word for why there is none. The body, which is the state, is not read. */
async function statusOf(address: string, user: string, password: string): Promise<number | string> {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  try {
    const signal = AbortSignal.timeout(5000);
    const answer = await fetch(address, { headers: { authorization }, redirect: 'error', signal });
    await answer.body?.cancel();
    return answer.status;
  } catch (error) {
    const { cause, name } = error as { cause?: { code?: unknown }; name?: string };
    return typeof cause?.code === 'string' ? cause.code : (name ?? 'failed');
  }
}
