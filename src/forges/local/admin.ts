import type { Comment, Issue, PullRequest, Review, Status } from '../forge.ts';
import type { Protection } from './protection.ts';
import type { UntitledPullRequest } from './pull-requests.ts';
import type { LocalReview } from './reviews.ts';

/** Everything about one pull request at one moment. */
export interface PullRequestDetails {
  pullRequest: PullRequest;
  labels: string[];
  /** The branch of an open pull request was deleted: it cannot be merged until it is pushed again. */
  branchGone: boolean;
  commits: number;
  comments: Comment[];
  reviews: LocalReview[];
  statuses: Status[];
}

/** What a person does on a forge's pages; the local forge has none, so the command line does. */
export interface LocalForgeAdmin {
  /** Refuses where one is open for the same branch and base, and names it. */
  openPullRequest(wanted: UntitledPullRequest): Promise<PullRequest>;
  comment(number: number, body: string): Promise<Comment>;
  /** By its author only. */
  editComment(number: number, id: string, body: string): Promise<Comment>;
  reactions(id: string): Promise<{ by: string; reaction: string }[]>;
  issues(): Promise<Issue[]>;
  openIssue(wanted: Pick<Issue, 'title' | 'body'>): Promise<Issue>;
  editIssue(number: number, change: Partial<Pick<Issue, 'title' | 'body' | 'state'>>): Promise<Issue>;
  /** Of the head of now. Refused on one's own pull request unless it is a comment. */
  review(number: number, state: Review['state'], body?: string): Promise<LocalReview>;
  dismissReview(number: number, id: string, reason: string): Promise<LocalReview>;
  /** Unified diff of what the pull request changes against its base. */
  diff(number: number): Promise<string>;
  show(number: number): Promise<PullRequestDetails>;
  protection(): Promise<Protection>;
  /** Sets what the default branch demands; what is left out is not demanded. */
  protect(wanted: Partial<Protection>): Promise<void>;
  /** Closes the database. The forge cannot be used after it. */
  release(): void;
}
