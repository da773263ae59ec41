import { escapeText, plainText } from './escape.ts';

/** Outside or computed text as one sentence, escaped, with its full stop: `12.` would begin a list if it came after. */
export function sentence(text: string, most = 600): string {
  const plain = plainText(text, most).trim();
  return escapeText(/[.!?…]$/.test(plain) ? plain : `${plain}.`, most + 1);
}

/** What folds. Both parts are Markdown already. */
export function details(summary: string, body: string): string {
  return `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`;
}
