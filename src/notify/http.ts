export interface Post {
  url: URL;
  /** Sent as JSON. */
  body: unknown;
  headers: { [name: string]: string };
  /** Milliseconds for the whole exchange. */
  patience: number;
}

/**
 * One POST. Follows no redirect: a notice goes to the host that gitmend.yaml names and to no other. Throws an
 * Error that says why it did not arrive; nothing of the address but its host is in it.
 */
export async function post(request: Post): Promise<void> {
  const { url } = request;
  const answer = await answerTo(request);
  // What it says is of no use, and may be endless.
  await answer.body?.cancel();
  if (answer.status >= 300 && answer.status < 400) {
    throw new Error(`${url.host} redirects elsewhere, which is not followed: write the final address in gitmend.yaml`);
  }
  if (!answer.ok) throw new Error(`${url.host} answered ${answer.status}`);
}

async function answerTo({ url, body, headers, patience }: Post): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(patience),
      headers: { 'content-type': 'application/json', 'user-agent': 'gitmend', ...headers },
      body: JSON.stringify(body),
    });
  } catch (error) {
    throw new Error(`${url.host} ${reasonOf(error, patience)}`, { cause: error });
  }
}

function reasonOf(error: unknown, patience: number): string {
  if (!(error instanceof Error)) return 'could not be reached';
  if (error.name === 'TimeoutError') return `did not answer in ${patience / 1000} s`;
  const { code } = (error.cause ?? {}) as { code?: unknown };
  return typeof code === 'string' ? `could not be reached (${code})` : 'could not be reached';
}

/** A token in the header where there is one. */
export function bearer(token: string | undefined): { [name: string]: string } {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}
