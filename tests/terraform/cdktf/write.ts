// Installs the real cdktf beside, runs the app of app.ts with it, and writes what it made to recorded/. Takes a network:
//   node tests/terraform/cdktf/write.ts
// Then read the difference. With GITMEND_TEST_CDKTF=<folder>/node_modules `npm run test:terraform -- cdktf` runs the app
// itself in place of what was recorded; --keep leaves the folder there and says its name.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { synthesizeUntrusted } from '../../../src/synth/index.ts';
import { template } from '../../synth/examples.ts';
import { cdktfApp, type Edit, edits } from './app.ts';
import { appDigest, recorded, recordedIn, recordedStacks } from './recorded.ts';

const packages = ['cdktf@0.21.0', 'constructs@10.4.2', 'yaml@2.9.1'];

const folder = mkdtempSync(join(tmpdir(), 'gitmend-cdktf-'));
writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--save-exact', ...packages]);
const modules = join(folder, 'node_modules');
rmSync(recordedIn, { recursive: true, force: true });
record('begin');
for (const edit of Object.keys(edits) as Edit[]) record(edit);
for (const edit of [undefined, ...(Object.keys(edits) as Edit[])]) await compare(edit);
writeFileSync(join(recordedIn, 'app.json'), `${JSON.stringify({ app: appDigest, packages }, null, 2)}\n`);
if (process.argv.includes('--keep')) process.stdout.write(`${modules}\n`);
else rmSync(folder, { recursive: true });

/** What an edit leaves as it was is not kept twice. */
function record(which: 'begin' | Edit): void {
  const at = join(folder, which);
  for (const [path, text] of tree(which)) {
    mkdirSync(dirname(join(at, path)), { recursive: true });
    writeFileSync(join(at, path), text);
  }
  symlinkSync(modules, join(at, 'node_modules'), 'dir');
  run(process.execPath, ['stacks/main.ts'], at);
  cpSync(join(at, 'cdktf.out'), join(recordedIn, which), { recursive: true });
  if (which === 'begin') return;
  const [before, now] = [recorded('begin'), recorded(which)];
  for (const path of Object.keys(now))
    if (now[path] === before[path] || !path.endsWith('cdk.tf.json')) rmSync(join(recordedIn, which, path));
}

/** In gitmend's sandbox the app makes the same. */
async function compare(edit: Edit | undefined): Promise<void> {
  const code = tree(edit ?? 'begin');
  const made = await synthesizeUntrusted({ code, data: code, modules, node: process.execPath, timeout: 60 });
  if (!made.ok) throw new Error(made.message);
  const wanted = recordedStacks(...(edit === undefined ? [] : [edit]));
  for (const name of Object.keys(wanted))
    if (JSON.stringify(made.stacks[name]) !== JSON.stringify(wanted[name]))
      throw new Error(`in the sandbox cdktf makes another stack ${name} (${edit ?? 'begin'})`);
}

function tree(which: 'begin' | Edit): Map<string, string> {
  const files = new Map([...template].filter(([path]) => path.startsWith('guests/')));
  for (const [path, text] of Object.entries(cdktfApp)) files.set(path, text);
  if (which === 'begin') return files;
  const { file, from, to } = edits[which];
  const text = files.get(file) ?? '';
  if (!text.includes(from)) throw new Error(`${file} does not say ${from}`);
  return files.set(file, text.replace(from, to));
}

function run(program: string, args: string[], cwd = folder): void {
  const { status, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stderr}`);
}
