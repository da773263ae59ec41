import type { Destination } from './destination.ts';
import { bearer, post } from './http.ts';
import type { Notice } from './notice.ts';

/** ntfy's scale of 1 to 5: what needs a person rings, what went well does not. */
const priorities = { 'needs-person': 4, 'bad-news': 4, 'good-news': 2 } as const;
/** ntfy refuses a message of more than 4096 bytes, or makes a file of it. */
const longest = 3800;

/** Publishes as JSON (docs.ntfy.sh/publish, "Publish as JSON"): to the server's root, with the topic inside; plain text. */
export async function sendNtfy(to: Destination & { kind: 'ntfy' }, notice: Notice, patience: number): Promise<void> {
  const { kind, title, text, link } = notice;
  const body = {
    topic: to.topic,
    title,
    message: cut(text === '' ? title : text),
    priority: priorities[kind],
    tags: [kind],
    ...(link === undefined ? {} : { click: link }),
  };
  await post({ url: to.server, body, headers: bearer(to.token), patience });
}

function cut(text: string): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= longest) return text;
  // A letter that was cut in two is left out.
  return `${new TextDecoder().decode(bytes.subarray(0, longest)).replace(/\ufffd+$/, '')}…`;
}
