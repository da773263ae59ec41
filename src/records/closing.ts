/** What gitmend says when it closes a pull request itself: a person's no is something else. */
export function closedByBot(words: string): string {
  return `${words}\n\n<!-- gitmend:closed-by-bot -->`;
}
