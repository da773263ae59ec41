import { readdirSync, rmSync } from 'node:fs';

/** Files of compiled code; cdktn and yaml are some 220, and every synthesis adds its own few, by the folder it ran in. */
const most = 1000;

/**
 * Node's arguments that have a child keep what it compiled in that folder and find it there the next time: loading
 * cdktn is a third of a small synthesis. Not by NODE_COMPILE_CACHE, because the child has no environment. A folder that
 * has grown is emptied. Only for code that is trusted: whatever runs with it can write what the next one loads.
 */
export function keepingCompiled(folder: string | undefined): string[] {
  return folder === undefined ? [] : before(keeping(folder));
}

/** What is said to a Node that loaded ahead, on file descriptor 3, once its script is there. */
export const goAhead = 'go';

/**
 * The same, and before the script is even there Node loads what stack code is written with, and waits for `goAhead`.
 * Anything else that it is told, also that nobody is there any more, ends it.
 */
export function loadingAhead(folder: string | undefined): string[] {
  return before(`${folder === undefined ? '' : keeping(folder)}
import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
const load = createRequire(process.cwd() + '/stacks/');
for (const name of ['cdktn', 'yaml'])
  try { load(name); } catch { /* Whoever needs it says so. */ }
let said = '';
for await (const chunk of createReadStream('', { fd: 3 })) said += chunk;
if (said !== '${goAhead}') process.exit(1);`);
}

/** Node's arguments that run a module before its script. */
function before(script: string): string[] {
  return ['--import', `data:text/javascript,${encodeURIComponent(script)}`];
}

function keeping(folder: string): string {
  if (filesIn(folder) > most) rmSync(folder, { recursive: true, force: true });
  return `import { enableCompileCache } from 'node:module'; enableCompileCache(${JSON.stringify(folder)});`;
}

function filesIn(folder: string): number {
  try {
    return readdirSync(folder, { recursive: true }).length;
  } catch {
    // Not there yet.
    return 0;
  }
}
