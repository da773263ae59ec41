import { type ErrorCode, GitmendError } from '../../core/errors.ts';
import { type GuestTarget, printGuestTarget } from '../../core/target.ts';

/** An error of a step that wrote nothing. */
export function unsent(code: ErrorCode, message: string): GitmendError {
  return new GitmendError(code, message, { details: { maybeWritten: false } });
}

/** Throws PVE_LOCKED where the guest is at something else (`lock` of its configuration). */
export function refuseLocked(target: GuestTarget, lock: string | undefined): void {
  if (lock !== undefined)
    throw unsent('PVE_LOCKED', `${printGuestTarget(target)} is locked (${lock}); nothing was sent`);
}
