import { describe, expect, it } from 'vitest';
import { issueShape as giteaIssue } from '../../src/forges/gitea/shapes.ts';
import { issueShape as githubIssue } from '../../src/forges/github/shapes.ts';

describe('a label that the forge could not read', () => {
  const at = '2026-11-21T12:00:00Z';
  const issue = {
    ...{ number: 1, title: 'gitmend', body: '', state: 'open', user: { login: 'gitmend' } },
    ...{ created_at: at, updated_at: at, html_url: 'https://git.home.lan/1' },
    labels: [null, { id: 7, name: 'gitmend', color: '#ffffff' }],
  };

  it.each([
    ['GitHub', githubIssue],
    ['Gitea', giteaIssue],
  ])('is left out, and what has it is still there: %s', (_forge, shape) => {
    expect(shape.parse(issue).labels).toEqual([expect.objectContaining({ name: 'gitmend' })]);
  });
});
