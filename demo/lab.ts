import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Guest, homeLab, homeTokens, type Pve, startPve, usageAt, type World } from '../simulators/pve/index.ts';
import type { Clock } from '../src/core/clock.ts';
import type { Forge } from '../src/forges/forge.ts';
import { gitIn } from '../src/git/git.ts';
import { type Alert, type AlertmanagerStandIn, startAlertmanager, webhook } from './alertmanager.ts';
import { type Home, localHome, type LocalPersonForge, type PersonForge } from './home.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** An infrastructure repository on a forge (a local one, unless told), without the cluster that it is about. */
export interface LabHome<F extends PersonForge = LocalPersonForge> {
  /** Everything that the lab leaves behind is in here. */
  folder: string;
  /** A clone of the infrastructure repository, as a person has it. */
  clone: string;
  /** The forge, as the person who may approve. */
  forge: F;
  clock: Clock;
  /** The variables of each role: `read` for heal and plan, `write` for the runner. */
  env: { read: { [name: string]: string }; write: { [name: string]: string } };
  /** Ends it. Everything stays to be looked at, the clone as the forge is now. */
  close(): Promise<void>;
  /** Ends it for somebody who removes its folder at once. */
  end(): Promise<void>;
}

/** A small home lab: beside its repository a stand-in Proxmox VE and a stand-in Alertmanager. */
export interface Lab<F extends PersonForge = LocalPersonForge> extends LabHome<F> {
  pve: Pve;
  alertmanager: AlertmanagerStandIn;
  /** Alerts that go on firing whatever the guests do; by default an alert fires while its guest is short of memory. */
  stubborn: boolean;
  /** The alert about the guest that is short of memory (postgres, where none is), and its webhook as a file. */
  alert: Alert;
  payload: string;
}

export interface LabOptions extends HomeOptions {
  /** Changes the well lab into the scenario's. */
  trouble: (world: World, now: number) => World;
}

interface HomeOptions {
  clock: Clock;
  /** Who plans and applies; `builtin` unless told. */
  runner?: 'builtin' | 'ci';
  /** Where its folder is made; the system's temporary folder unless told. */
  parent?: string;
}

/** The cluster of a repository: what gitmend.yaml says of it, and what the variables of both roles hold. */
export interface LabCluster {
  endpoint: string;
  caPem: string;
  tokens: { read: string; write: string };
}

/** The credentials of the stand-in Proxmox VE, by the names that gitmend.yaml gives them. */
export const labSecrets = { GITMEND_PVE_READ: homeTokens.read, GITMEND_PVE_WRITE: homeTokens.write };

const workflowFolders = ['.gitea', '.github'];

/** A lab on a local forge. */
export async function openLab(options: LabOptions): Promise<Lab> {
  return openLabOn(localHome, options);
}

/** A lab whose repository lies on the forge of that home. */
export async function openLabOn<F extends PersonForge>(
  home: Home<F>,
  { trouble, ...options }: LabOptions,
): Promise<Lab<F>> {
  const { clock } = options;
  const now = clock.now();
  const pve = await startPve({ world: trouble(homeLab(now), now), clock });
  const vmid = [...pve.world.guests.keys()].find((one) => isShort(pve, one)) ?? 200;
  const alert = memoryAlert(now, pve.world.guests.get(vmid));
  const state = { stubborn: false };
  const alertmanager = await startAlertmanager(
    () => (state.stubborn || isShort(pve, vmid) ? [alert] : []),
    () => clock.now(),
  );
  const cluster = { endpoint: pve.endpoint, caPem: pve.caPem, tokens: homeTokens };
  const made = await openHomeOn(home, { ...options, cluster, alertmanager: alertmanager.url });
  const payload = join(made.folder, 'alert.json');
  await writeFile(payload, webhook([alert]));
  const close = async (ended: () => Promise<void>) => {
    await ended();
    await Promise.all([pve.close(), alertmanager.close()]);
  };
  return Object.assign(state, made, {
    ...{ pve, alertmanager, alert, payload },
    close: () => close(() => made.close()),
    end: () => close(() => made.end()),
  });
}

/** The repository alone, about a cluster that somebody else runs. */
export async function openHomeOn<F extends PersonForge>(
  home: Home<F>,
  {
    clock,
    cluster,
    alertmanager,
    runner = 'builtin',
    parent = tmpdir(),
  }: HomeOptions & { cluster: LabCluster; alertmanager?: string },
): Promise<LabHome<F>> {
  const folder = await mkdtemp(join(parent, 'gitmend-demo-'));
  const configuration = gitmendYaml(home, runner, cluster.endpoint, alertmanager);
  const files = await infrastructure(folder, configuration, cluster.caPem);
  // Where the bot plans and applies itself, jobs of the template would only fail and make its pull requests red.
  if (runner === 'builtin')
    await Promise.all(workflowFolders.map((each) => rm(join(files, each), { recursive: true })));
  const forge = await home.make(folder, files, clock);
  await rm(files, { recursive: true });
  const clone = join(folder, 'repository');
  await gitIn(folder)(['clone', '--quiet', forge.remote, clone], { env: { ...forge.gitEnv } });
  // What a process that is killed leaves in the temporary folder is in the folder that is printed, too.
  const temporary = join(folder, 'tmp');
  await mkdir(temporary);
  const common = { GITMEND_STATE: join(folder, 'state'), TMPDIR: temporary, ...home.env };
  return {
    ...{ folder, clone, forge, clock },
    env: {
      read: { ...common, GITMEND_PVE_READ: cluster.tokens.read },
      write: { ...common, GITMEND_PVE_WRITE: cluster.tokens.write },
    },
    async close() {
      await bringUpToDate(clone, forge);
      forge.release();
    },
    end: async () => forge.release(),
  };
}

/** What is left to look at is what is on the forge, gitmend's own refs and notes included. */
async function bringUpToDate(clone: string, { gitEnv }: Pick<Forge, 'gitEnv'>): Promise<void> {
  const git = gitIn(clone);
  const refspecs = ['heads/*:refs/remotes/origin/*', 'gitmend/*:refs/gitmend/*', 'notes/*:refs/notes/*'];
  await git(['fetch', '--quiet', 'origin', ...refspecs.map((one) => `+refs/${one}`)], { env: { ...gitEnv } });
  await git(['checkout', '--quiet', '-B', 'main', 'origin/main']);
}

function memoryAlert(now: number, guest: Pick<Guest, 'type' | 'vmid'> = { type: 'lxc', vmid: 200 }): Alert {
  const id = `${guest.type}/${guest.vmid}`;
  return {
    labels: {
      alertname: 'LxcMemoryHigh',
      cluster: 'home',
      id,
      instance: 'pve1.home.lan',
      job: 'pve',
      severity: 'warning',
    },
    annotations: { summary: `${id} uses 96% of its memory` },
    startsAt: new Date(now - 22 * 60_000).toISOString(),
    fingerprint: '3f9c1a7be04d2c65',
  };
}

/** Whether the rule behind the alert would fire: memory in use above 90 % of the cap. */
function isShort(pve: Pve, vmid: number): boolean {
  const guest = pve.world.guests.get(vmid);
  if (guest === undefined) return false;
  const { mem, maxmem } = usageAt(pve.world, guest, pve.now());
  return mem > 0.9 * maxmem;
}

/** The template and the default policies, with this lab's addresses. */
async function infrastructure(folder: string, configuration: string, ca: string): Promise<string> {
  const files = join(folder, 'begin');
  await cp(join(root, 'infra'), files, {
    recursive: true,
    filter: (path) => !/\/(node_modules|cdktf\.out)(\/|$)/.test(path),
  });
  await cp(join(root, 'policies'), join(files, 'policies'), { recursive: true });
  await mkdir(join(files, 'certs'), { recursive: true });
  await writeFile(join(files, 'certs', 'pve-root-ca.pem'), ca);
  await writeFile(join(files, 'gitmend.yaml'), configuration);
  return files;
}

function gitmendYaml(
  { yaml, approver }: Home<PersonForge>,
  runner: string,
  endpoint: string,
  alertmanager: string | undefined,
): string {
  const alerts = alertmanager === undefined ? '' : `alertmanager: { url: "${alertmanager}" }\n`;
  return `version: 1
forge: ${yaml}
runner: ${runner}
approvers: [${approver}]
clusters:
  - name: home
    endpoint: ${endpoint}
    ca: certs/pve-root-ca.pem
    read: env:GITMEND_PVE_READ
    write: env:GITMEND_PVE_WRITE
    exporters: [pve1.home.lan]
${alerts}verify: { window: 5s, watch: 24h }       # a real lab says 10m
`;
}

/** How much of a guest's memory is in use, for the story's lines: `64 %`. */
export function usageOf(lab: Pick<Lab, 'pve'>, vmid: number): string {
  const guest = lab.pve.world.guests.get(vmid);
  if (guest === undefined) return 'nothing';
  const { mem, maxmem } = usageAt(lab.pve.world, guest, lab.pve.now());
  return `${Math.round((100 * mem) / maxmem)} %`;
}
