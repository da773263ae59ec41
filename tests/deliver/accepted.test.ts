import { expect, it } from 'vitest';
import type { Step } from '../../src/core/step.ts';
import { notOnlyAccepting } from '../../src/deliver/accepted.ts';
import type { PullRequestMarker } from '../../src/records/pull-request.ts';

const marker = (kind: PullRequestMarker['kind']): PullRequestMarker => ({
  ...{ kind, remedy: 'accept', fingerprint: 'a', proposed: 'sha256:1' },
});
const step = (changes: Partial<Step>) => ({ name: 'web', applier: 'terraform', destroys: false, ...changes }) as Step;
const renames = step({ changes: [{ field: 'name', before: 'a', after: 'b', unit: '' }] });

it('accepting what is live may change nothing by Terraform, and destroy nothing', () => {
  expect(notOnlyAccepting(marker('drift'), [renames])).toMatchObject([
    {
      reason: 'accept-changes',
      message: 'accepting what is live of web must change nothing, and its merge would change name',
    },
  ]);
  expect(notOnlyAccepting(marker('drift'), [step({ applier: 'proxmox', destroys: true, changes: [] })])).toMatchObject([
    { message: 'accepting what is live of web must change nothing, and its merge would destroy it' },
  ]);
});

it('the restart that a waiting value needs is its own, and other pull requests may change what they say', () => {
  expect(notOnlyAccepting(marker('drift'), [step({ applier: 'proxmox', kind: 'restart-vm' })])).toEqual([]);
  expect(notOnlyAccepting(marker('restore'), [renames])).toEqual([]);
  expect(notOnlyAccepting(undefined, [renames])).toEqual([]);
});
