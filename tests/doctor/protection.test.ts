import { expect, test } from 'vitest';
import type { Config } from '../../src/core/config.ts';
import { GitmendError } from '../../src/core/errors.ts';
import { examineForge } from '../../src/doctor/forge.ts';
import type { Patient } from '../../src/doctor/patient.ts';
import type { Protection } from '../../src/forges/local/index.ts';

/** What doctor finds of a default branch that is protected so, without the line that the forge answers. */
async function found(demanded: Partial<Protection>, kind = 'gitea') {
  const protection = async () => ({ requiredStatuses: [], requiredApprovals: 0, styles: [], ...demanded });
  const forge = { kind, defaultBranch: 'main', self: 'gitmend', pullRequests: async () => [], protection };
  const openRecords = () => Promise.reject(new GitmendError('FORGE_FAILED', 'not asked here'));
  const patient = { role: 'read', env: {}, openForge: async () => forge, openRecords } as unknown as Patient;
  const config = { runner: 'builtin', approvers: ['ann'], forge: { kind } } as unknown as Config;
  const findings = (await examineForge(patient, config)).filter(({ about }) => about === 'forge').slice(1);
  return findings.map(({ level, what, mend }) => `${level}: ${what}${mend === '' ? '' : ` | ${mend}`}`);
}

const requiredStatuses = ['ci', 'gitmend/plan', 'gitmend/policy'];
const both = 'let the forge demand the statuses gitmend/plan and gitmend/policy before main takes a merge';

test.each<[string, Partial<Protection>, string[]]>([
  ['nothing', {}, [`warn: main takes merges without a plan; the runner will not apply them | ${both}`]],
  [
    'the plan alone',
    { requiredStatuses: ['gitmend/plan'] },
    [
      `warn: main demands gitmend/plan and not gitmend/policy: it takes merges before enough people approved, and they are not applied | ${both}`,
    ],
  ],
  [
    'no approvals',
    { requiredStatuses },
    [
      'ok: main demands gitmend/plan and gitmend/policy',
      'ok: main demands no approvals itself: those that policy asks for are all there are',
    ],
  ],
  [
    'approvals that outlive their commit',
    { requiredStatuses, requiredApprovals: 1, dismissesStale: false },
    [
      'ok: main demands gitmend/plan and gitmend/policy',
      'warn: main demands 1 approval, and one of an earlier commit still counts for it | let its protection dismiss stale approvals when commits are pushed',
    ],
  ],
  [
    'approvals of the present commit',
    { requiredStatuses, requiredApprovals: 2, dismissesStale: true },
    ['ok: main demands gitmend/plan and gitmend/policy', 'ok: main demands 2 approvals, each of the present commit'],
  ],
  [
    'approvals of which more is not told',
    { requiredStatuses, requiredApprovals: 2 },
    [
      'ok: main demands gitmend/plan and gitmend/policy',
      'ok: main demands 2 approvals; whether stale ones are dismissed is told to administrators alone',
    ],
  ],
])('a default branch that demands %s', async (_, demanded, findings) => {
  expect(await found(demanded)).toEqual(findings);
});

test.each([
  [['gitmend/*'], 'ok', 'warn'],
  [['*'], 'ok', 'warn'],
  [['gitmend/pl?n', 'gitmend/policy'], 'ok', 'warn'],
  [['gitmend-plan', 'gitmend.*'], 'warn', 'warn'],
  [['[gitmend', '(gitmend/plan'], 'warn', 'warn'],
])('%j is read as patterns on Gitea, and on GitHub to the letter', async (required, onGitea, onGithub) => {
  const level = async (kind: string) => (await found({ requiredStatuses: required }, kind))[0]?.split(':')[0];
  expect([await level('gitea'), await level('github')]).toEqual([onGitea, onGithub]);
});
