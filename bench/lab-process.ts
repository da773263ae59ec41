import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Home, localHome, type PersonForge } from '../demo/home.ts';
import { type Lab, openLabOn } from '../demo/lab.ts';
import { homeTokens } from '../simulators/pve/index.ts';
import { systemClock } from '../src/cli/clock.ts';
import { gitIn } from '../src/git/git.ts';
import { type ForgeLab, type ForgeRequest, openForgeLab } from './forge-lab.ts';
import type { PveOpened } from './pve-process.ts';
import { crowded, shortFile } from './short-guest.ts';

/** What the lab is asked over the channel of `fork`. */
export type LabRequest =
  | { do: 'merge'; number: number }
  | { do: 'close'; number: number }
  | { do: 'hold-write' }
  | { do: 'writes' }
  /** Puts so many containers into the cluster that no file declares. */
  | { do: 'strangers'; amount: number }
  /** Of a lab on a Gitea only. */
  | ForgeRequest;

export interface LabAnswer {
  value: number;
  values?: { [name: string]: number };
  /** Why there is no value. */
  failed?: string;
}

/** What the lab says once it is there. */
export interface LabOpened {
  folder: string;
  clone: string;
  env: Lab['env'];
  /** For whoever asks it past gitmend, with a token that may read everything. */
  pve: PveOpened;
}

// The world around gitmend, in a process of its own: Proxmox VE, Alertmanager, the person who may approve, and a Gitea
// where one is wanted. So what gitmend's processes take is theirs alone.
//   node bench/lab-process.ts FOLDER GUESTS local|gitea [MIRROR]
const [parent = '', guests = '0', kind = 'local', mirror = ''] = process.argv.slice(2);
const gitea: ForgeLab | undefined = kind === 'gitea' ? await openForgeLab() : undefined;
const home: Home<PersonForge> = gitea?.home ?? localHome;
const lab = await openLabOn(home, {
  ...{ clock: systemClock, parent },
  trouble: (world, now) => crowded(world, now, Number(guests)),
});
// Nothing resolves by itself while it is measured.
lab.stubborn = true;
await declare(lab, Number(guests));
process.on(
  'message',
  (request: LabRequest) =>
    void answer(request)
      .catch(failed)
      .then((said) => process.send?.(said)),
);
process.once('disconnect', () => void close());
process.send?.({
  ...{ folder: lab.folder, clone: lab.clone, env: lab.env },
  pve: { endpoint: lab.pve.endpoint, ca: lab.pve.caPem, token: homeTokens.admin },
} satisfies LabOpened);

async function answer(request: LabRequest): Promise<LabAnswer> {
  switch (request.do) {
    case 'merge': {
      const { head } = await lab.forge.pullRequest(request.number);
      await lab.forge.merge(request.number, { style: 'merge', head });
      return { value: request.number };
    }
    case 'close':
      await lab.forge.close(request.number, 'measured');
      return { value: request.number };
    case 'hold-write':
      // PVE does what it is asked and never answers: the moment in which nobody knows.
      lab.pve.faults.inject({ fault: 'timeout-after', method: 'PUT', path: /\/config$/ });
      return { value: 0 };
    case 'writes':
      return { value: lab.pve.requests.filter(({ method }) => method === 'PUT').length };
    case 'strangers':
      for (const { vmid } of lab.pve.world.guests.values()) if (vmid >= 1000) lab.pve.world.guests.delete(vmid);
      crowded(lab.pve.world, systemClock.now(), request.amount);
      return { value: lab.pve.world.guests.size };
    default:
      if (gitea === undefined) throw new Error(`a lab on a local forge is not asked for ${request.do}`);
      return gitea.answer(lab, request);
  }
}

function failed(error: unknown): LabAnswer {
  return { value: NaN, failed: error instanceof Error ? error.message : String(error) };
}

async function close(): Promise<void> {
  await lab.close();
  await gitea?.close();
  await rm(lab.folder, { recursive: true, force: true });
  process.exit(0);
}

/** Declares the further guests, opens the door, and lifts the budgets: what is measured is the way, not the brakes. */
async function declare({ clone, forge }: Lab<PersonForge>, amount: number): Promise<void> {
  const template = await readFile(join(clone, 'guests', 'postgres.yaml'), 'utf8');
  for (let index = 0; index < amount; index += 1) {
    await writeFile(join(clone, 'guests', `short-${index}.yaml`), shortFile(template, index));
  }
  const file = join(clone, 'gitmend.yaml');
  const config = await readFile(file, 'utf8');
  const opened = config.replace(
    /^(alertmanager: \{ url: "[^"]+")( \})$/m,
    '$1, doorToken: env:GITMEND_ALERT_TOKEN$2\nlimits: { openPullRequests: 100, perHour: 100 }',
  );
  await writeFile(file, mirror === '' ? opened : `${opened}terraform: { mirror: ${mirror}, timeout: 15m }\n`);
  const git = gitIn(clone, { name: 'maintainer', email: 'maintainer@home.lan' });
  await git(['add', '--all']);
  await git(['commit', '--quiet', '--message', 'what the bench needs']);
  await git(['push', '--quiet', 'origin', 'HEAD'], { env: { ...forge.gitEnv } });
}
