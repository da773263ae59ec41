import { isGitmendError } from '../core/errors.ts';
import type { StopReason } from '../core/outcome.ts';

/** The same steps computed again from what is live now; or why they are not the approved ones. */
export type Recompute = () => Promise<{ same: true } | { same: false; reason: StopReason; why: string }>;

/**
 * A playbook that may not be run as it is now (one host of it is done already, and it goes by which hosts there are) will
 * not become one that may by waiting: nothing of what is judged changes under a run.
 */
export async function refusedOr(recompute: Recompute): Promise<Awaited<ReturnType<Recompute>>> {
  try {
    return await recompute();
  } catch (error) {
    if (!isGitmendError(error, 'ANSIBLE_REFUSED')) throw error;
    return { same: false, reason: 'refused', why: error.message.slice(0, 300) };
  }
}
