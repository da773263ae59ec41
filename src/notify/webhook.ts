import type { Destination } from './destination.ts';
import { bearer, post } from './http.ts';
import type { Notice } from './notice.ts';

/**
 * `{ version, kind, title, text, link?, key }` as JSON, with `Idempotency-Key`: a notice may arrive twice. Chats that
 * show `text` get the title and the link in it.
 */
export async function sendWebhook(
  to: Destination & { kind: 'webhook' },
  notice: Notice,
  patience: number,
): Promise<void> {
  const { kind, link, key } = notice;
  const [title, text] = [unmarked(notice.title), unmarked(notice.text)];
  const whole = [title, text, link ?? ''].filter((part) => part !== '').join('\n\n');
  const body = { version: 1, kind, title, text: whole, ...(link === undefined ? {} : { link }), key };
  const headers = { ...bearer(to.token), 'idempotency-key': headerSafe(key) };
  await post({ url: to.url, body, headers, patience });
}

/** Outside text must not call a whole channel, nor show a link under another name: a space of no width breaks both. */
function unmarked(text: string): string {
  return text
    .replace(/@(?=(?:here|channel|everyone|all)\b)/gi, '@\u200b')
    .replace(/<(?=\S)/g, '<\u200b')
    .replaceAll('](', ']\u200b(');
}

function headerSafe(text: string): string {
  return encodeURIComponent(text).slice(0, 255);
}
