import { ansibleErrors } from './ansible-errors.ts';
import { sandboxErrors } from './sandbox-errors.ts';
import { storeErrors } from './store-errors.ts';
import { terraformErrors } from './terraform-errors.ts';

/** What a reader, or the one handler of errors, does about it. */
export type ErrorAction = 'retry' | 'wait' | 'needs-human' | 'bug';

export interface CatalogueEntry {
  action: ErrorAction;
  /** What it means, one sentence. */
  means: string;
  /** The next command or deed. */
  next: string;
}

/** Every coded error. docs/errors.md is held equal to this by a test. */
export const errorCatalogue = {
  CONFIG_INVALID: {
    action: 'needs-human',
    means: 'a file of the infrastructure repository does not say something gitmend can trust',
    next: 'gitmend check DIR lists every fault with its line and its mend',
  },
  CONFIG_NOT_FOUND: {
    action: 'needs-human',
    means: 'there is no gitmend.yaml where one was looked for',
    next: 'run inside a clone of the infrastructure repository, or name it with -C DIR',
  },
  ENV_MISSING: {
    action: 'needs-human',
    means: 'an environment variable that gitmend.yaml names is not set for this command',
    next: 'set the variable for this process only, from your secret store',
  },
  USAGE: {
    action: 'needs-human',
    means: 'the command was called with words it does not take',
    next: 'gitmend --help',
  },
  SIGNAL_INVALID: {
    action: 'needs-human',
    means: 'a payload is not an Alertmanager version 4 webhook',
    next: 'compare it with the webhook_config that sent it; nothing was stored',
  },
  GIT_FAILED: {
    action: 'retry',
    means: 'git ended with an error',
    next: 'read what git said below; the repository is unchanged',
  },
  GIT_MISSING: {
    action: 'needs-human',
    means: 'git is not installed, or not on the PATH that gitmend was started with',
    next: 'install git 2.38 or newer (apt install git), or start gitmend with a PATH that holds it',
  },
  GIT_TOO_OLD: {
    action: 'needs-human',
    means: 'this git cannot merge without a work tree (merge-tree --write-tree)',
    next: 'install git 2.38 or newer',
  },
  REF_TAKEN: {
    action: 'wait',
    means: 'somebody else moved the ref in between',
    next: 'nothing to do: the next pass reads it again',
  },
  FORGE_FAILED: {
    action: 'retry',
    means: 'the forge did not do what was asked',
    next: 'the next pass asks again',
  },
  FORGE_REFUSED: {
    action: 'needs-human',
    means: 'the forge refuses by its rules',
    next: 'read the reason; protection, a closed pull request or a moved head are the usual ones',
  },
  FORGE_NOT_FOUND: {
    action: 'needs-human',
    means: 'there is no forge where gitmend.yaml says that it is',
    next: 'check forge.path (local) or forge.url and forge.repository in gitmend.yaml',
  },
  PVE_UNREACHABLE: {
    action: 'retry',
    means: 'Proxmox VE could not be reached',
    next: 'check the endpoint and the network; gitmend changes nothing meanwhile',
  },
  PVE_UNTRUSTED: {
    action: 'needs-human',
    means: 'the certificate of Proxmox VE is signed by nobody this repository trusts',
    next: 'put the root CA (/etc/pve/pve-root-ca.pem) in the repository as `ca:`, or its SHA-256 as `fingerprint:`',
  },
  PVE_UNAUTHENTICATED: {
    action: 'needs-human',
    means: 'Proxmox VE does not know the API token (401)',
    next: 'check that the variable holds user@realm!id=secret and that the token exists and has not expired',
  },
  PVE_FORBIDDEN: {
    action: 'needs-human',
    means: 'the API token lacks a privilege (403)',
    next: 'grant the privilege on the path named in the message; a token with privilege separation needs its own ACL',
  },
  PVE_NOT_FOUND: {
    action: 'needs-human',
    means: 'Proxmox VE has no such object',
    next: 'compare the declaration with the cluster: the guest may have been removed or moved',
  },
  PVE_REFUSED: {
    action: 'needs-human',
    means: 'Proxmox VE refused the request (400), or does not know it (501)',
    next: 'read the parameter errors in the message',
  },
  PVE_CONFLICT: {
    action: 'retry',
    means: 'the configuration changed between reading and writing (digest), so nothing was written',
    next: 'nothing to do: the run reads again and compares',
  },
  PVE_LOCKED: {
    action: 'wait',
    means: 'the guest is locked by another task (backup, snapshot, migration)',
    next: 'wait for the task; gitmend tries again by itself',
  },
  PVE_FAILED: {
    action: 'retry',
    means: 'Proxmox VE failed inside (5xx)',
    next: 'read the task log on the node; gitmend observes before anything is sent again',
  },
  PVE_TASK_FAILED: {
    action: 'needs-human',
    means: 'a task of Proxmox VE ended with an error',
    next: 'read the task log named in the message',
  },
  PVE_TIMEOUT: {
    action: 'retry',
    means: 'Proxmox VE did not answer in time; a write may have happened',
    next: 'nothing to do: gitmend observes before anything is sent again',
  },
  PVE_ANSWER_INVALID: {
    action: 'bug',
    means: 'Proxmox VE answered in a shape that is not documented',
    next: 'report it with the path named in the message',
  },
  ALERTMANAGER_UNREACHABLE: {
    action: 'retry',
    means: 'Alertmanager could not be read',
    next: 'check alertmanager.url; verification waits, and ends as inconclusive if it stays so',
  },
  PROMETHEUS_UNREACHABLE: {
    action: 'retry',
    means: 'Prometheus could not be read',
    next: 'check prometheus.url; gitmend decides by what else it can observe, and says what it could not',
  },
  PROMETHEUS_REFUSED: {
    action: 'needs-human',
    means: 'Prometheus refused a query of gitmend, or asks for a login',
    next: 'read its reason; gitmend sends no credentials to Prometheus, so a proxy must let it read without',
  },
  PROMETHEUS_ANSWER_INVALID: {
    action: 'needs-human',
    means: 'what answers at prometheus.url does not speak the HTTP API of Prometheus',
    next: 'open prometheus.url with /api/v1/status/buildinfo behind it and compare',
  },
  RULES_MISSING: {
    action: 'needs-human',
    means: 'no policies are in force, so nothing is applied',
    next: 'add policies/ by a pull request; the default ones are in the template',
  },
  LOCK_HELD: {
    action: 'wait',
    means: 'another run holds the target',
    next: 'wait, or gitmend unlock TARGET after making sure that its holder is gone',
  },
  LOCK_UNREADABLE: {
    action: 'needs-human',
    means: 'a lock exists and cannot be read, so it blocks',
    next: 'gitmend unlock TARGET shows it and asks',
  },
  RECORDS_TAMPERED: {
    action: 'needs-human',
    means: 'the chain of records is broken, so nothing is applied',
    next: 'gitmend records verify names the first record that does not follow',
  },
  SYNTH_FAILED: {
    action: 'needs-human',
    means: 'the stack code of the default branch failed on this data',
    next: 'read the file and line below; node stacks/main.ts repeats it locally',
  },
  ...sandboxErrors,
  STATE_UNWRITABLE: {
    action: 'needs-human',
    means: 'the folder where gitmend keeps its mirrors on this machine cannot be made',
    next: 'name one that this user may write: GITMEND_STATE=/path/of/a/folder',
  },
  ...storeErrors,
  ADDRESS_IN_USE: {
    action: 'needs-human',
    means: 'another process listens where gitmend shall',
    next: 'stop it (ss -ltnp names it), or choose another address with --page or --door',
  },
  ADDRESS_UNUSABLE: {
    action: 'needs-human',
    means: 'this machine cannot listen on that address',
    next: 'name an address that this machine has, and a port above 1023, with --page or --door',
  },
  DOOR_UNGUARDED: {
    action: 'needs-human',
    means: 'the door for alerts has no token, so anyone in the network could deliver signals',
    next: 'write alertmanager: { url: …, doorToken: env:GITMEND_ALERT_TOKEN } in gitmend.yaml, and set that variable',
  },
  WEBHOOK_UNGUARDED: {
    action: 'needs-human',
    means: "the forge's web hooks have no secret, so anyone in the network could send events",
    next: 'write webhookSecret: env:GITMEND_WEBHOOK_SECRET under forge: in gitmend.yaml, set that variable, and give the web hook the same',
  },
  CI_ENVIRONMENT: {
    action: 'needs-human',
    means: '--ci reads the environment of a job of GitHub Actions or Gitea Actions, and this is none that it can trust',
    next: 'run it as a step of the workflows of the template; on a machine of yours the same is gitmend plan and gitmend runner',
  },
  CI_NOT_CHOSEN: {
    action: 'needs-human',
    means: 'gitmend.yaml on the default branch does not leave plan and apply to CI, or names another repository',
    next: 'write runner: ci before the first push, or by a pull request that gitmend plan plans and gitmend runner --until-idle puts in force; or take the workflows of gitmend away',
  },
  CI_WRITE_CREDENTIAL: {
    action: 'needs-human',
    means: 'a job that only plans can see a write credential, which it never needs',
    next: 'take the variable out of the plan workflow; only apply and reconcile get it',
  },
  CI_EXPOSED: {
    action: 'needs-human',
    means: 'everyone who can push could read the write credential from a job, and not everyone who can push may merge',
    next: 'bind the secret to the default branch, or let only approvers push, or keep runner: builtin; docs/ci.md says how',
  },
  ...terraformErrors,
  ...ansibleErrors,
  INTERNAL: {
    action: 'bug',
    means: 'gitmend met a state it did not think of',
    next: 'report it with the correlation id',
  },
} as const satisfies { [code: string]: CatalogueEntry };

export type ErrorCode = keyof typeof errorCatalogue;

/** An error that says what, why, and the next command. Messages never hold secrets: redact where it is made. */
export class GitmendError extends Error {
  readonly code: ErrorCode;
  /** Structured details for logs (status, path …). */
  readonly details: { readonly [key: string]: unknown };

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; details?: { [key: string]: unknown } } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'GitmendError';
    this.code = code;
    this.details = options.details ?? {};
  }

  /** What to do about it: retry, wait, needs-human, bug. */
  get action(): ErrorAction {
    return errorCatalogue[this.code].action;
  }

  /** `PVE_LOCKED: … \n next: …`; `next` in place of the catalogue's, where one is known that says more. */
  print(next: string = errorCatalogue[this.code].next): string {
    return `${this.code}: ${this.message}\n  why: ${errorCatalogue[this.code].means}\n  next: ${next}`;
  }
}

export function isGitmendError(error: unknown, ...codes: ErrorCode[]): error is GitmendError {
  return error instanceof GitmendError && (codes.length === 0 || codes.includes(error.code));
}

/** What `work` gives; `undefined` where it fails with exactly this code. Throws every other failure. */
export async function unless<T>(code: ErrorCode, work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isGitmendError(error, code)) return undefined;
    throw error;
  }
}

/** The coded error that it is, or INTERNAL for what nobody thought of, with it as its cause. */
export function codedError(error: unknown): GitmendError {
  if (isGitmendError(error)) return error;
  return new GitmendError('INTERNAL', error instanceof Error ? error.message : String(error), { cause: error });
}
