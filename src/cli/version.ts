import { createRequire } from 'node:module';

/** The version of this gitmend: `0.1.0`. */
export const version = (createRequire(import.meta.url)('../../package.json') as { version: string }).version;
