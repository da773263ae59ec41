import { spawn } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { until } from './bot.ts';
import type { CiSteps } from './ci-bot.ts';
import type { RunStep } from './ci-runner.ts';
import { compiled } from './compiled.ts';
import type { PersonForge } from './home.ts';
import type { Lab } from './lab.ts';

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));

/** The workflow's own commands, in a shell, as a runner starts them: `gitmend` is on the path, and little else is set. */
export async function processSteps(lab: Lab<PersonForge>, say: (line: string) => void): Promise<CiSteps> {
  const bin = `${lab.folder}/tmp/bin`;
  await mkdir(bin, { recursive: true });
  const words = [process.execPath, '--disable-warning=ExperimentalWarning', cli].map((word) => `'${word}'`);
  await writeFile(
    `${bin}/gitmend`,
    `#!/bin/sh\nexport NODE_COMPILE_CACHE='${compiled.NODE_COMPILE_CACHE}'\nexec ${words.join(' ')} "$@"\n`,
  );
  await chmod(`${bin}/gitmend`, 0o755);
  const path = `${bin}:${process.env['PATH'] ?? ''}`;
  const start = (...[script, env, shell]: Parameters<RunStep>) => begin(script, { ...env, PATH: path }, shell, say);
  return {
    step: (...asked) => start(...asked).ended,
    async killed(...asked) {
      // PVE does what it was asked and never answers: the moment in which nobody knows.
      lab.pve.faults.inject({ fault: 'timeout-after', method: 'PUT', path: /\/config$/ });
      const step = start(...asked);
      await until(() => lab.pve.requests.some(({ method }) => method === 'PUT') || lab.pve.faults.pending === 0);
      step.kill();
      return step.ended;
    },
  };
}

/** Both forges start `shell: bash` so; without a shell, the one that the machine has. */
function wordsOf(script: string, shell: string | undefined): [string, ...string[]] {
  if (shell === undefined) return ['sh', '-e', '-c', script];
  if (shell !== 'bash') throw new Error(`the small runner does not know the shell ${shell}`);
  return ['bash', '--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', script];
}

/** In the folder of the job, where it has one. */
export function begin(
  script: string,
  env: { [name: string]: string },
  shell: string | undefined,
  say: (line: string) => void,
): { ended: ReturnType<RunStep>; kill: () => void } {
  const [program, ...words] = wordsOf(script, shell);
  const cwd = env['GITHUB_WORKSPACE'];
  const child = spawn(program, words, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      said += `${line}\n`;
      if (/^(#\d+ applied|waiting)/.test(line)) say(line);
    });
  }
  const ended = new Promise<{ code: number; said: string }>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 137, said }));
  });
  const kill = (): void => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  };
  return { ended, kill };
}
