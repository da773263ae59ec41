import { stripVTControlCharacters } from 'node:util';
import { type ErrorCode, GitmendError } from '../../core/errors.ts';
import { withoutSecrets } from '../../terraform/index.ts';
import type { ProgramRun } from '../program.ts';

const mostLetters = 2000;

/**
 * Why a call of Terraform failed, as one of the named errors. `known` are the credentials that the call was given: they
 * are in no message. Terraform has no codes of its own for these, so its headings are read (internal/command, as of 1.9
 * to 1.14; OpenTofu kept them).
 */
export function failureOf(program: string, verb: string, run: ProgramRun, known: readonly string[]): GitmendError {
  if (run.missing) return new GitmendError('TERRAFORM_MISSING', `${program} could not be started on this machine`);
  const said = sanitized(run.stderr || run.stdout, known);
  if (run.code === undefined) {
    return new GitmendError('TERRAFORM_KILLED', `${program} ${verb} did not end by itself: ${run.why}`, {
      details: { said },
    });
  }
  const code = headings.find(([, heading]) => heading.test(said))?.[0] ?? 'TERRAFORM_FAILED';
  const what = code === 'TERRAFORM_LOCKED' ? holder(said) : said.replace(/\s*\n\s*/g, ' ');
  return new GitmendError(code, `${program} ${verb}: ${what || `ended with ${run.code} and said nothing`}`, {
    details: stateLost.test(said) ? { stateLost: true } : {},
  });
}

/** What was done is done, and the state does not have it: no later plan sees all of it. */
const stateLost = /^Error: Failed to (save|persist) state/m;

const headings: readonly (readonly [ErrorCode, RegExp])[] = [
  // Nobody holds it: the place where it is kept does not know us (remote-state/http/client.go: 401 and 403; of a POST the
  // number alone). PostgreSQL says it in words.
  [
    'TERRAFORM_BACKEND_DENIED',
    /HTTP remote state endpoint (requires|invalid) auth|HTTP error: 40[13]\b|^Error: .*(pq: |FATAL: )(password authentication failed|permission denied|no pg_hba\.conf entry|role .{1,80} (does not exist|is not permitted))/m,
  ],
  // Terraform is done by then: the new state was sent, or the lock given back, and not taken.
  [
    'TERRAFORM_STATE_REFUSED',
    /HTTP error: 4\d\d\b|Error releasing the state lock\s+Error message: Unexpected HTTP response code 4/,
  ],
  [
    'TERRAFORM_BACKEND_UNREACHABLE',
    /HTTP remote state internal server error|Error message: (Unexpected HTTP response code \d+|Failed to lock: )/,
  ],
  // Terraform reads the state to lock it, and calls what it cannot read a lock that it did not get.
  ['TERRAFORM_STATE_UNREADABLE', /Unsupported state file format|state file is encrypted|encrypted payload/],
  ['TERRAFORM_LOCKED', /Error acquiring the state lock/],
  ['TERRAFORM_STATE_CHANGED', /Saved plan is stale|Saved plan does not match the given state/],
  [
    'TERRAFORM_PROVIDER_MISSING',
    /Failed to query available provider packages|Required plugins are not installed|Inconsistent dependency lock file|Failed to install provider|Failed to resolve provider packages|Invalid provider registry host|provider registry \S+ does not have a provider|could not find a provider/i,
  ],
  [
    'TERRAFORM_BACKEND_UNREACHABLE',
    /^Error: (dial (tcp|unix)|read tcp|pq:|driver: bad connection|Backend initialization required|Failed to (get existing workspaces|load state|save state|refresh cached|persist state)|Error (loading|refreshing|configuring|saving|initializing) (the )?(state|backend))/im,
  ],
];

/** Who holds the state's lock, from the block that Terraform prints: `Who`, `Operation`, `Created`, `ID`. */
function holder(said: string): string {
  const [, held] = /already locked: ID=(\S{1,128})/.exec(said) ?? [];
  const field = (name: string): string => new RegExp(`^\\W*${name}:\\s+(.{1,200})$`, 'm').exec(said)?.[1]?.trim() ?? '';
  const [who, operation, created, id] = [field('Who'), field('Operation'), field('Created'), field('ID')];
  // By HTTP Terraform prints the note of whoever asked, and of the holder the id alone.
  if (held !== undefined && held !== id)
    return `the state is locked (lock ${held}), and by whom Terraform does not say`;
  if (who === '' && id === '') return 'the state is locked, and by whom is not said';
  return heldBy({ who, operation, created, id });
}

/** `the state is locked by alice@desk (OperationTypeApply, since 2026-11-20T03:00:00Z, lock 6b2f)`. Not escaped. */
export function heldBy({ who, operation, created, id }: { [part in 'who' | 'operation' | 'created' | 'id']: string }) {
  return `the state is locked by ${who || 'somebody'} (${operation || 'unknown'}, since ${created || 'unknown'}, lock ${id || 'unknown'})`;
}

/** An error that only says that errors follow (`terraform init`); a comment would have no room for those behind it. */
const preamble = /^Error: \w+ encountered problems during initiali[sz]ation[\s\S]*?(?=^Error: )/m;

/** Without colours, boxes, control characters and credentials; the errors first, because warnings may be many. */
function sanitized(said: string, known: readonly string[]): string {
  const plain = stripVTControlCharacters(said.slice(0, 256 * 1024))
    .replace(/^[│╷╵ ]+/gmu, '')
    .replace(/[^\P{Cc}\n]/gu, '')
    // The quoted line of the stack: what is written there need not be said again, and may be long.
    .replace(/^\s*\d+: .*$/gm, '');
  const from = plain.search(/^Error: /m);
  const errors = (from === -1 ? plain : plain.slice(from)).replace(preamble, '');
  const secretless = withoutSecrets(errors, known);
  return secretless
    .replace(/\n{2,}/g, '\n')
    .trim()
    .slice(0, mostLetters);
}
