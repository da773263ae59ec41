import { z } from 'zod';
import { jsonIn } from '../core/json.ts';
import type { CiEvent } from './job.ts';

const repository = z.object({ id: z.int() }).nullish();

/** Of a pull request's payload what both forges have. A head repository that is gone was a fork. */
const pullRequestPayload = z.object({
  pull_request: z.object({
    number: z.int().positive(),
    head: z.object({ repo: repository }),
    base: z.object({ repo: repository }),
  }),
});

/** Inputs are typed by people and by programs: text, whatever the workflow says that they are. */
const dispatchPayload = z.object({
  inputs: z.object({ pull_request: z.unknown().optional(), anew: z.unknown().optional() }).nullish(),
});

/** What the job was started for, or what is wrong with what it was told. */
export function readEvent(name: string, ref: string, payload: string | undefined): CiEvent | { problem: string } {
  switch (name) {
    case 'pull_request':
      return readPullRequest(payload);
    case 'workflow_dispatch':
      return readDispatch(payload);
    case 'push':
      return ref.startsWith('refs/') ? { kind: 'push', ref } : { problem: 'GITHUB_REF does not name a ref' };
    case 'schedule':
      return { kind: 'schedule' };
    default:
      return {
        problem: `gitmend does nothing on ${name}: pull_request, push, workflow_dispatch and schedule it knows`,
      };
  }
}

function readPullRequest(payload: string | undefined): CiEvent | { problem: string } {
  const read = pullRequestPayload.safeParse(jsonIn(payload));
  if (!read.success) return { problem: 'the file of GITHUB_EVENT_PATH describes no pull request' };
  const { number, head, base } = read.data.pull_request;
  return {
    kind: 'pull-request',
    number,
    fork: head.repo === null || head.repo === undefined || head.repo.id !== base.repo?.id,
  };
}

function readDispatch(payload: string | undefined): CiEvent | { problem: string } {
  const read = dispatchPayload.safeParse(jsonIn(payload));
  if (!read.success) return { problem: 'the file of GITHUB_EVENT_PATH describes no dispatch' };
  const { pull_request: wanted, anew } = read.data.inputs ?? {};
  const text = typeof wanted === 'number' ? String(wanted) : (wanted ?? '');
  const again = anew === true || anew === 'true';
  if (text === '') return { kind: 'dispatch', anew: again };
  if (typeof text !== 'string' || !/^#?[1-9]\d{0,8}$/.test(text))
    return { problem: 'the input pull_request is not the number of a pull request' };
  return { kind: 'dispatch', pullRequest: Number(text.replace('#', '')), anew: again };
}
