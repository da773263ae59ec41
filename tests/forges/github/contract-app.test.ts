import { describe } from 'vitest';
import { commentsContract } from '../contract/comments.ts';
import { pullRequestsContract } from '../contract/pull-requests.ts';
import { saidContract } from '../contract/said.ts';
import { githubStandIn } from './stand-in.ts';

// The parts of the contract in which an App is another than an account: who writes, and what a status is.
describe('the forge contract: github, a stand-in, as an App', () => {
  const asApp = () => githubStandIn('app');
  pullRequestsContract(asApp);
  commentsContract(asApp);
  saidContract(asApp);
});
