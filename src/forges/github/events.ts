/**
 * The events after which gitmend looks again, as app.yml subscribes to them; a test holds the two equal. Each only says
 * that something may have changed. `check_suite` and `status`: what policy leaves to gitmend waits for them to be green.
 */
export const wakingEvents = [
  'check_suite',
  'issue_comment',
  'issues',
  'pull_request',
  'pull_request_review',
  'push',
  'status',
] as const;
