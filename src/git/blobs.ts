import { GitmendError } from '../core/errors.ts';
import { runGit } from './run.ts';

/** Largest text file that gitmend reads from a repository. Bytes. */
export const largestFile = 1024 * 1024;

/**
 * Reads many blobs with one `git cat-file --batch`. Blobs that are not valid UTF-8 are left out: they are not text,
 * and gitmend reads only text.
 */
export async function readBlobs(folder: string, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const result = await runGit(['-C', folder, 'cat-file', '--batch'], {
    env: process.env,
    input: ids.join('\n') + '\n',
    timeout: 120_000,
    mostOutput: 512 * 1024 * 1024,
  });
  if (result.code !== 0) throw new GitmendError('GIT_FAILED', 'git cat-file could not read the objects of a commit');
  return parseBatch(result.stdout);
}

function parseBatch(output: Uint8Array): Map<string, string> {
  const blobs = new Map<string, string>();
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let at = 0;
  while (at < output.length) {
    const end = output.indexOf(10, at);
    const [id, , size] = new TextDecoder().decode(output.subarray(at, end)).split(' ');
    const length = Number(size);
    if (id === undefined || !Number.isInteger(length))
      throw new GitmendError('GIT_FAILED', 'git cat-file answered out of form');
    try {
      blobs.set(id, decoder.decode(output.subarray(end + 1, end + 1 + length)));
    } catch {
      // Not text.
    }
    at = end + 1 + length + 1;
  }
  return blobs;
}
