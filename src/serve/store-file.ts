import { dirname, join } from 'node:path';

/** The store of `gitmend serve`, beside the mirror: apart for every repository. */
export function storeFile(mirror: string): string {
  return join(dirname(mirror), 'serve.sqlite');
}
