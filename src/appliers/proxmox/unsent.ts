import { type ErrorCode, GitmendError, isGitmendError } from '../../core/errors.ts';
import { type GuestTarget, printGuestTarget } from '../../core/target.ts';
import type { EffectToken } from '../applier.ts';

/** An error of a step that wrote nothing. */
export function unsent(code: ErrorCode, message: string): GitmendError {
  return new GitmendError(code, message, { details: { maybeWritten: false } });
}

/** Throws PVE_LOCKED where the guest is at something else (`lock` of its configuration). */
export function refuseLocked(target: GuestTarget, lock: string | undefined): void {
  if (lock !== undefined)
    throw unsent('PVE_LOCKED', `${printGuestTarget(target)} is locked (${lock}); nothing was sent`);
}

/** Throws PVE_CONFLICT where the guest's configuration is another one than was observed. */
export function refuseMoved(target: GuestTarget, digest: string, { live }: EffectToken): void {
  if (digest !== live?.digest)
    throw unsent('PVE_CONFLICT', `${printGuestTarget(target)} changed after it was observed; nothing was sent`);
}

/** The write has happened: whatever fails from here on says that it may have. */
export async function afterWrite<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!isGitmendError(error)) throw error;
    throw new GitmendError(error.code, `${error.message} (after the write)`, {
      details: { ...error.details, maybeWritten: true },
    });
  }
}
