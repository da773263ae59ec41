import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { begin } from '../../demo/ci-steps.ts';
import type { RunStep } from '../../demo/ci-step.ts';
import { committed, root } from '../law/project.ts';

/** This repository as a forge fetches it for `uses:`: the files that are committed, without what npm would bring. */
export async function fetchedAction(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  // No test is part of what the action runs, and they are half of all files.
  const files = committed().filter((path) => !path.startsWith('tests/'));
  const packed = execFileSync('tar', ['-C', root, '-cf', '-', '-T', '-'], {
    input: files.join('\n'),
    maxBuffer: 256 * 2 ** 20,
  });
  execFileSync('tar', ['-C', folder, '-xf', '-'], { input: packed });
  return folder;
}

/** Instead of `run: gitmend COMMAND --ci …`, as docs/ci.md says: the action, with the same as its inputs. */
export function byAction(text: string, uses: string): string {
  return text.replaceAll(/^( +)run: gitmend (\w+) --ci(.*)/gm, (_, margin: string, command: string, more: string) => {
    const file = /--(?:out|synthesized) (\S+)/.exec(more)?.[1];
    const inputs = [`command: ${command}`, ...(file === undefined ? [] : [`file: ${file}`])];
    return [`uses: ${uses}`, 'with:', ...inputs.map((line) => `  ${line}`)].map((line) => margin + line).join('\n');
  });
}

/**
 * In the place of npm, which would ask a registry: it installs what package-lock.json says without what only development
 * needs, from the packages that are here, and writes down with which words and in which environment it was called. Anything
 * but `npm ci --prefix FOLDER --omit=dev` fails.
 */
export async function npmStandIn(bin: string): Promise<{ path: string; calls: () => Promise<NpmCall[]> }> {
  const log = join(bin, 'npm-calls');
  await mkdir(bin, { recursive: true });
  await writeFile(log, '');
  await writeFile(join(bin, 'npm'), `#!${process.execPath}\n${install(log)}`, { mode: 0o755 });
  // The program of the tests, so that no other Node of the machine decides.
  const path = [bin, dirname(process.execPath), process.env['PATH'] ?? ''].join(':');
  const calls = async () => (await readFile(log, 'utf8')).split('\n').flatMap(callIn);
  return { path, calls };
}

/** How npm was called: its words, and the names of the variables that it saw. */
export interface NpmCall {
  words: string[];
  saw: string[];
}

function callIn(line: string): NpmCall[] {
  return line === '' ? [] : [JSON.parse(line) as NpmCall];
}

function install(log: string): string {
  return `
const { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync } = require('node:fs');
const { dirname, join } = require('node:path');
const words = process.argv.slice(2);
appendFileSync(${JSON.stringify(log)}, JSON.stringify({ words, saw: Object.keys(process.env) }) + '\\n');
if (process.env.TMPDIR === 'no-registry') {
  console.error('the registry does not answer');
  process.exit(7);
}
const folder = words[words.indexOf('--prefix') + 1];
if (words[0] !== 'ci' || !words.includes('--prefix') || !words.includes('--omit=dev')) process.exit(1);
const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
rmSync(join(folder, 'node_modules'), { recursive: true, force: true });
for (const [place, { dev, optional }] of Object.entries(packages)) {
  if (!/^node_modules\\/(@[^/]+\\/)?[^/]+$/.test(place) || dev === true || optional === true) continue;
  mkdirSync(dirname(join(folder, place)), { recursive: true });
  symlinkSync(join(${JSON.stringify(root)}, place), join(folder, place));
}
`;
}

/** Steps as processes of the shell that they name, each with the environment of its job and this path. */
export function shellSteps(path: string, more: { [name: string]: string }): RunStep {
  return (script, env, shell) => begin(script, { ...env, ...more, PATH: path }, shell, () => undefined).ended;
}
