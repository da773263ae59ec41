import { expect, it } from 'vitest';
import { failureOf } from '../../../src/appliers/terraform/failure.ts';
import type { ProgramRun } from '../../../src/appliers/program.ts';

const run = (over: Partial<ProgramRun> = {}): ProgramRun => ({
  code: 1,
  stdout: '',
  stderr: '',
  missing: false,
  why: '',
  ...over,
});
/** As Terraform 1.11.4 prints it behind what it has applied. */
function notKept(why: string): string {
  return `Error: Failed to save state\n\nError saving state: ${why}\n\nError: Failed to persist state to backend\n`;
}
const error = (stderr: string, known: string[] = []) => failureOf('terraform', 'plan', run({ stderr }), known);

it.each([
  [
    'TERRAFORM_LOCKED',
    'Error: Error acquiring the state lock\n\nLock Info:\n  ID:        6b2f\n  Who:       alice@desk\n',
  ],
  ...[
    'This state file is encrypted\nand can not be read without an encryption configuration',
    'The state file does not have a\n"version" attribute, which is required to identify the format version.',
  ].map((why): [string, string] => [
    'TERRAFORM_STATE_UNREADABLE',
    `Error: Error acquiring the state lock\n\nError message: Unsupported state file format: ${why}\n`,
  ]),
  ['TERRAFORM_PROVIDER_MISSING', 'Error: Failed to resolve provider packages\n'],
  ['TERRAFORM_STATE_CHANGED', 'Error: Saved plan is stale\n'],
  ['TERRAFORM_PROVIDER_MISSING', 'Error: Failed to query available provider packages\n'],
  ['TERRAFORM_PROVIDER_MISSING', 'Error: Inconsistent dependency lock file\n'],
  [
    'TERRAFORM_BACKEND_UNREACHABLE',
    'Error: Error loading state: dial tcp 10.0.0.1:5432: connect: connection refused\n',
  ],
  ['TERRAFORM_BACKEND_UNREACHABLE', 'Error: Failed to get existing workspaces: Get "https://x": EOF\n'],
  ...['Error acquiring the state lock\n\nError message: ', 'error loading state: '].flatMap((heading) =>
    ['requires', 'invalid'].map((how): [string, string] => [
      'TERRAFORM_BACKEND_DENIED',
      `Error: ${heading}HTTP remote state endpoint ${how} auth\n`,
    ]),
  ),
  ...[
    'password authentication failed for user "gitmend"',
    'no pg_hba.conf entry for host "10.0.0.9"',
    'permission denied for schema guests',
  ].map((why): [string, string] => ['TERRAFORM_BACKEND_DENIED', `Error: pq: ${why}\n`]),
  ...(
    [
      [401, 'TERRAFORM_BACKEND_DENIED'],
      [403, 'TERRAFORM_BACKEND_DENIED'],
      [409, 'TERRAFORM_STATE_REFUSED'],
      [413, 'TERRAFORM_STATE_REFUSED'],
      [423, 'TERRAFORM_STATE_REFUSED'],
      [500, 'TERRAFORM_BACKEND_UNREACHABLE'],
    ] as const
  ).map(([status, code]): [string, string] => [code, notKept(`HTTP error: ${status}`)]),
  ...(
    [
      [409, 'TERRAFORM_STATE_REFUSED'],
      [503, 'TERRAFORM_BACKEND_UNREACHABLE'],
    ] as const
  ).map(([status, code]): [string, string] => [
    code,
    `Error: Error releasing the state lock\n\nError message: Unexpected HTTP response code ${status}\n`,
  ]),
  ['TERRAFORM_BACKEND_UNREACHABLE', notKept('Failed to upload state: POST http://127.0.0.1:1 giving up')],
  ['TERRAFORM_BACKEND_UNREACHABLE', 'Error: pq: the database system is starting up\n'],
  ...['Unexpected HTTP response code 503', 'Failed to lock: LOCK http://127.0.0.1:1 giving up after 1 attempt(s)'].map(
    (why): [string, string] => [
      'TERRAFORM_BACKEND_UNREACHABLE',
      `Error: Error acquiring the state lock\n\nError message: ${why}\n`,
    ],
  ),
  [
    'TERRAFORM_FAILED',
    'Error: Failed to read the given file\n\nState read error: Error loading statefile: open x: no such file\n',
  ],
  ['TERRAFORM_FAILED', 'Error: error retrieving VM: dial tcp 192.168.1.10:8006: connect: connection refused\n'],
])('%s: %j', (code, stderr) => {
  expect(error(stderr).code).toBe(code);
});

it('what init says before the errors themselves is left out, of Terraform and of OpenTofu', () => {
  for (const opening of [
    'Error: Terraform encountered problems during initialisation, including problems\nwith the configuration, described below.\n\nThe Terraform configuration must be valid before initialization so that\nTerraform can determine which modules and providers need to be installed.\n\n\n',
    'Error: OpenTofu encountered problems during initialization\n\nmore\n\n',
  ]) {
    const said = `${opening}Error: Invalid character\n\n  on cdk.tf.json line 43, in import[0]:\n  43:       "to": "x"\n\nThis character is not used.\n`;
    expect(error(said).message).toBe(
      'terraform plan: Error: Invalid character on cdk.tf.json line 43, in import[0]: This character is not used.',
    );
    expect(error(opening).message).toContain('encountered problems during initiali');
  }
});

it('of a state that was not taken says that what was done is not in it', () => {
  expect(error(notKept('HTTP error: 423')).details).toEqual({ stateLost: true });
  expect(error(notKept('Failed to upload state: POST http://127.0.0.1:1')).details).toEqual({ stateLost: true });
  expect(error('Error: error loading state: HTTP remote state endpoint invalid auth\n').details).toEqual({});
});

it('a lock names its holder and the id that force-unlock takes', () => {
  const said =
    'Error: Error acquiring the state lock\n│ Lock Info:\n│   ID:        6b2f\n│   Operation: OperationTypeApply\n│   Who:       alice@desk\n│   Created:   2026-11-20 03:00:00 UTC\n';
  expect(error(said).message).toBe(
    'terraform plan: the state is locked by alice@desk (OperationTypeApply, since 2026-11-20 03:00:00 UTC, lock 6b2f)',
  );
});

it('what was said is shown from the first error on, without boxes, colours, credentials and what looks like one', () => {
  const said =
    '╷\n│ Warning: old\n╵\n\u001b[31m╷\n│ Error: no\u0007 way\n│ token=hunter2hunter2\n│ ghp_0123456789abcdef0123\n╵';
  const { message } = error(said, ['hunter2hunter2']);
  expect(message).toBe('terraform plan: Error: no way token=(sensitive) (not shown: it looks like a secret)');
});

it('one that did not end by itself is TERRAFORM_KILLED, whatever it said before', () => {
  const killed = failureOf(
    'terraform',
    'apply',
    run({ code: undefined, why: 'it was ended by SIGKILL', stderr: 'Error: Saved plan is stale' }),
    [],
  );
  expect(killed).toMatchObject({
    code: 'TERRAFORM_KILLED',
    message: 'terraform apply did not end by itself: it was ended by SIGKILL',
  });
});

it('one that says nothing is still named with its exit code', () => {
  expect(error('').message).toBe('terraform plan: ended with 1 and said nothing');
});
