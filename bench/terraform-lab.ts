import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { layOutStack, type StackFolder } from '../src/appliers/terraform/folder.ts';
import { ownModules } from '../src/cli/ground.ts';
import type { Tree } from '../src/core/change-set.ts';
import { layOut, readStacks, stackCode, stackData } from '../src/synth/folder.ts';
import { mirror, provider } from '../tests/terraform/provider/build.ts';
import type { PlanAnswer, PlanRequest } from './plan-process.ts';
import { nodeEnvironment, nodeFlags } from './process.ts';
import type { PveOpened, PveRead } from './pve-process.ts';
import type { BenchPve } from './stack-tree.ts';

const run = promisify(execFile);
const quiet = ['--disable-warning=ExperimentalWarning'];
const programOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** What is missing here to plan with the real Terraform and provider, with the way to it; `undefined` where nothing is. */
export async function missingForTerraform(program = 'terraform', at = provider): Promise<string | undefined> {
  const there = await run(program, ['version'], { env: { PATH: process.env['PATH'], CHECKPOINT_DISABLE: '1' } }).then(
    () => true,
    () => false,
  );
  if (!there) return `left out: ${program} is not on this machine (docs/terraform.md)`;
  if (!existsSync(at))
    return 'left out: the provider bpg/proxmox is not built on this machine: node tests/terraform/provider/build.ts';
  return undefined;
}

/** Proxmox VE with so many guests, in a process of its own. */
export async function openPve(
  guests: number,
): Promise<BenchPve & { read: () => Promise<PveRead>; close: () => Promise<unknown> }> {
  const child = fork(programOf('pve-process.ts'), [String(guests)], { execArgv: quiet });
  const [opened] = (await once(child, 'message')) as [PveOpened];
  return {
    ...opened,
    mirror,
    read: async () => {
      const answered = once(child, 'message');
      child.send('read');
      return ((await answered) as [PveRead])[0];
    },
    close: async () => {
      const closed = once(child, 'exit');
      child.disconnect();
      return closed;
    },
  };
}

/** A process of gitmend that plans, started as its units start it. */
export async function openPlanner(folder: string, guests: number, pve: BenchPve, cache: string) {
  const child = fork(programOf('plan-process.ts'), [folder, String(guests), JSON.stringify(pve)], {
    execArgv: nodeFlags,
    env: { PATH: process.env['PATH'], HOME: folder, NODE_COMPILE_CACHE: cache, ...nodeEnvironment },
  });
  await once(child, 'message');
  return {
    plan: async (request: PlanRequest): Promise<PlanAnswer> => {
      const answered = once(child, 'message');
      child.send(request);
      const [answer] = (await answered) as [PlanAnswer];
      if (answer.failed !== undefined) throw new Error(answer.failed);
      return answer;
    },
    close: async () => {
      if (!child.connected) return;
      const closed = once(child, 'exit');
      child.disconnect();
      await closed;
    },
  };
}

/** `node stacks/main.ts` as a person types it: what it made, how long it took, and the most memory that it had (bytes). */
export async function synthesized(
  folder: string,
  tree: Tree,
): Promise<{ stack: unknown; seconds: number; peak: number }> {
  await mkdir(folder, { recursive: true });
  layOut(folder, new Map([...stackData(tree), ...stackCode(tree)]), ownModules());
  const tells = 'data:text/javascript,process.once("exit",()=>console.error("peak "+process.resourceUsage().maxRSS))';
  const begun = performance.now();
  const { stderr } = await run(process.execPath, ['--import', tells, 'stacks/main.ts'], { cwd: folder, env: {} });
  const seconds = (performance.now() - begun) / 1000;
  const [, peak = 'NaN'] = /^peak (\d+)$/m.exec(stderr) ?? [];
  return { stack: (await readStacks(folder))['guests'], seconds, peak: Number(peak) * 1024 };
}

/** Terraform by itself on such a stack, with nothing of gitmend but the folder that it is laid out in. */
export async function bareTerraform(root: string, config: unknown, pve: BenchPve) {
  const paths = await layOutStack({ root, stack: 'guests', use: 'bare', config, ca: pve.ca, mirror: pve.mirror });
  const call = async (...args: string[]): Promise<number> => {
    const begun = performance.now();
    await run('terraform', args, { cwd: paths.folder, env: environment(paths, pve), maxBuffer: 2 ** 30 });
    return (performance.now() - begun) / 1000;
  };
  const plan = (targets: readonly string[]): Promise<number> =>
    call('plan', '-input=false', '-no-color', `-out=${paths.planFile}`, ...targets.map((one) => `-target=${one}`));
  return {
    /** Takes every guest into the state. */
    takeOver: () => call('apply', '-input=false', '-no-color', '-auto-approve', '-parallelism=10'),
    init: () => call('init', '-input=false', '-no-color'),
    plan,
    show: () => call('show', '-json', '-no-color', paths.planFile),
    /** Where the template's stack `guests` keeps its state. */
    state: join(root, 'guests.tfstate'),
  };
}

function environment(paths: StackFolder, pve: PveOpened): { [name: string]: string | undefined } {
  return {
    PATH: process.env['PATH'],
    HOME: paths.data,
    TF_CLI_CONFIG_FILE: paths.cliConfig,
    TF_DATA_DIR: paths.data,
    CHECKPOINT_DISABLE: '1',
    SSL_CERT_FILE: paths.certificates,
    PROXMOX_VE_ENDPOINT: pve.endpoint,
    PROXMOX_VE_API_TOKEN: pve.token,
  };
}

/** The folder of one size: gitmend's state, with the stacks below it. */
export const terraformFolder = (folder: string): string => join(folder, 'terraform');
