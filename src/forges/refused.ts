import { GitmendError } from '../core/errors.ts';

/** The forge's rules, or gitmend's own, say no: trying again changes nothing. */
export function refused(reason: string, details: { [key: string]: unknown } = {}): GitmendError {
  return new GitmendError('FORGE_REFUSED', reason, { details });
}
