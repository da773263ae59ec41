import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * For the environment of a child that runs gitmend from its sources: what Node compiled once is kept where `gitmend` itself
 * keeps it (bin/gitmend.js), because stripping and compiling anew takes longer than a short command.
 */
export const compiled = {
  NODE_COMPILE_CACHE:
    process.env['NODE_COMPILE_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'gitmend'),
};
