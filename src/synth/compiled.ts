import { readdirSync, rmSync } from 'node:fs';

/** Files of compiled code; cdktn and yaml are some 220, and every synthesis adds its own few, by the folder it ran in. */
const most = 1000;

/**
 * Node's arguments that have a child keep what it compiled in that folder and find it there the next time: loading
 * cdktn is a third of a small synthesis. Not by NODE_COMPILE_CACHE, because the child has no environment. A folder that
 * has grown is emptied. Only for code that is trusted: whatever runs with it can write what the next one loads.
 */
export function keepingCompiled(folder: string | undefined): string[] {
  if (folder === undefined) return [];
  if (filesIn(folder) > most) rmSync(folder, { recursive: true, force: true });
  const script = `import { enableCompileCache } from 'node:module'; enableCompileCache(${JSON.stringify(folder)});`;
  return ['--import', `data:text/javascript,${encodeURIComponent(script)}`];
}

function filesIn(folder: string): number {
  try {
    return readdirSync(folder, { recursive: true }).length;
  } catch {
    // Not there yet.
    return 0;
  }
}
