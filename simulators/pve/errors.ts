/** An answer that is not 200: what PVE's handlers raise (pve-common `PVE::Exception`, pve-manager `PVE::HTTPServer::rest_handler`). */
export class PveError extends Error {
  readonly status: number;
  readonly errors: Record<string, string> | undefined;

  constructor(status: number, message: string, errors?: Record<string, string>) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

/** A plain `die`: 500, the message with its line feed, no `errors` (rest_handler: "HTTP_INTERNAL_SERVER_ERROR"). */
export function die(message: string): never {
  throw new PveError(500, `${message}\n`);
}

/** `raise_param_exc`: 400 with the faulty parameters by name. */
export function refuseParameters(errors: Record<string, string>): never {
  throw new PveError(400, 'Parameter verification failed.\n', errors);
}

/** `raise_perm_exc`: 403, naming path and privilege. */
export function refusePermission(what: string): never {
  throw new PveError(403, `Permission check failed (${what})\n`);
}
