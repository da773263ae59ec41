import { describe, expect, onTestFinished, test } from 'vitest';
import type { Config } from '../../../src/core/config.ts';
import { examineForge } from '../../../src/doctor/forge.ts';
import type { Patient } from '../../../src/doctor/patient.ts';
import { openGithubForge } from '../../../src/forges/github/index.ts';
import { needed } from '../../../src/forges/github/rights.ts';
import { GitmendError } from '../../../src/core/errors.ts';
import { startGithub } from '../../../simulators/github/index.ts';
import { begin } from '../harness.ts';
import { steppingClock } from '../gitea/stand-in.ts';

/** What `gitmend doctor` finds of a forge, as `level: what` without what it says of records and CI. */
async function examined(
  permissions: { [name: string]: string },
  protect: boolean,
  role = 'write' as 'write' | 'admin',
) {
  const clock = steppingClock();
  const github = await startGithub({ files: begin, clock });
  onTestFinished(() => github.close());
  const { url, repository, world } = github;
  const statuses = ['gitmend/plan', 'gitmend/policy'];
  if (protect) world.ruleset = { statuses, approvals: 1, dismissesStale: true };
  const asApp = Object.keys(permissions).length > 0;
  const identity = asApp ? { app: github.installApp('gitmend', permissions) } : { token: github.token('gitmend') };
  world.permissions.set('gitmend', role);
  const patient = {
    role: 'read',
    env: {},
    clock,
    openForge: () => openGithubForge({ url, repository, clock, identity }),
    openRecords: () => Promise.reject(new GitmendError('FORGE_FAILED', 'not asked here')),
  } as unknown as Patient;
  const config = { runner: 'builtin', approvers: ['maintainer'], forge: { kind: 'github' } } as unknown as Config;
  const findings = await examineForge(patient, config);
  return findings.filter(({ about }) => about === 'forge').map(({ level, what }) => `${level}: ${what}`);
}

describe('gitmend doctor on a GitHub', () => {
  test('finds nothing wrong with an App that has what it needs, where main demands the plan', async () => {
    expect(await examined({ ...needed }, true)).toEqual([
      'ok: github answers; 0 open pull requests, default branch main',
      'ok: gitmend[bot] may do what it needs, and no more',
      'ok: main demands gitmend/plan and gitmend/policy',
      'ok: main demands 1 approval, each of the present commit',
    ]);
  });

  test('names what is missing, what is too much, and a branch that takes merges without a plan', async () => {
    const some = Object.fromEntries(Object.entries(needed).filter(([name]) => name !== 'checks'));
    expect(await examined({ ...some, administration: 'write' }, false)).toEqual([
      'ok: github answers; 0 open pull requests, default branch main',
      'fault: gitmend[bot] lacks checks: write',
      'warn: gitmend[bot] has and never needs administration: write',
      'warn: main takes merges without a plan; the runner will not apply them',
    ]);
  });

  test('names an account that administers what it need only write', async () => {
    expect((await examined({}, true, 'admin'))[1]).toBe(
      'warn: gitmend has and never needs the role Admin in the repository',
    );
  });
});
