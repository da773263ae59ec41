import { expect, test } from 'vitest';
import type { GiteaContext } from '../../../src/forges/gitea/context.ts';
import { protection } from '../../../src/forges/gitea/protection.ts';

/** What a Gitea answers where `main` is protected: to an administrator of the repository the rule too. */
function contextOf(rule: string, status: number, stale: object): GiteaContext {
  const branch = {
    ...{ name: 'main', protected: true, required_approvals: 1, enable_status_check: true },
    ...{ status_check_contexts: ['gitmend/plan'], effective_branch_protection_name: rule },
  };
  const answers: { readonly [path: string]: { status: number; json: unknown } } = {
    'repos/ops/lab/branches/main': { status: 200, json: branch },
    'repos/ops/lab/branch_protections/main': { status, json: stale },
  };
  const get = async ({ path }: { path: string }) => answers[path];
  return {
    name: 'Gitea',
    repository: 'repos/ops/lab',
    defaultBranch: 'main',
    http: { get },
  } as unknown as GiteaContext;
}

test.each([
  ['main', 200, { dismiss_stale_approvals: true, ignore_stale_approvals: false }, true],
  ['main', 200, { dismiss_stale_approvals: false, ignore_stale_approvals: true }, true],
  ['main', 200, { dismiss_stale_approvals: false, ignore_stale_approvals: false }, false],
  ['main', 403, {}, undefined],
  ['', 403, {}, undefined],
])('rule %j, answered %i %j: stale approvals are dismissed: %s', async (rule, status, stale, told) => {
  const { dismissesStale, ...rest } = await protection(contextOf(rule, status, stale));
  expect(dismissesStale).toBe(told);
  expect(rest).toEqual({ requiredStatuses: ['gitmend/plan'], requiredApprovals: 1, styles: [] });
});
