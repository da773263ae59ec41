// Runs inside of the sandbox: starts the stack code, and says on its output how that ended and what it wrote. So nothing
// of the machine need be writable in there, and a link in the output leads nowhere. A program of its own: it imports
// nothing of gitmend, and whatever it says is as untrusted as the code beside it.
import { spawn } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';

const [script = '', heap = '', largest = ''] = process.argv.slice(2);

// Whoever started this holds the other end. The namespace ends with its first process.
process.stdin.on('end', () => process.exit(1)).resume();

const child = spawn(process.execPath, [`--max-old-space-size=${heap}`, script], {
  env: {},
  stdio: ['ignore', 'ignore', 2],
});
child.once('error', (error: NodeJS.ErrnoException) => tell({ code: null, stacks: [], why: error.code ?? 'unknown' }));
child.once('exit', (code) => tell({ code, stacks: code === 0 ? stacks() : [] }));

function stacks(): { name: string; text?: string; size?: number }[] {
  let names: string[] = [];
  try {
    names = readdirSync('cdktf.out/stacks').toSorted();
  } catch {
    // None was written.
  }
  return names.map((name) => stackIn(name, `cdktf.out/stacks/${name}/cdk.tf.json`));
}

function stackIn(name: string, path: string): { name: string; text?: string; size?: number } {
  try {
    for (const folder of ['cdktf.out', 'cdktf.out/stacks', `cdktf.out/stacks/${name}`])
      if (!lstatSync(folder).isDirectory()) return { name };
    const entry = lstatSync(path);
    if (!entry.isFile()) return { name };
    return entry.size > Number(largest) ? { name, size: entry.size } : { name, text: readFileSync(path, 'utf8') };
  } catch {
    return { name };
  }
}

function tell(result: object): void {
  process.stdout.write(JSON.stringify(result), () => process.exit(0));
}
