import { expect, onTestFinished } from 'vitest';
import { homeLab, homeTokens, type Pve, startPve } from '../../../simulators/pve/index.ts';
import type { Applier } from '../../../src/appliers/applier.ts';
import { proxmoxApplier } from '../../../src/appliers/proxmox/index.ts';
import { proxmoxClient } from '../../../src/clients/proxmox/index.ts';
import type { LiveGuest } from '../../../src/core/guest.ts';
import { parseGuestTarget } from '../../../src/core/target.ts';
import type { Step } from '../../../src/core/step.ts';
import { pveContract } from '../../support/pve-contract.ts';
import { fakeClock } from '../../clients/proxmox/support.ts';

export interface Stage {
  pve: Pve;
  applier: Applier;
  clock: ReturnType<typeof fakeClock>;
  /** Methods and paths of everything but reads, in the order of arrival. */
  writes: () => { method: string; path: string; parameters: Record<string, unknown> }[];
  /** The guest as it is now, for a token. */
  live: (target: string) => Promise<LiveGuest>;
}

/** A home lab, all well, and an applier on it; every request is held against PVE's own description of its API. */
export async function stage(options: { timeout?: number; token?: string; taskSeconds?: number } = {}): Promise<Stage> {
  const clock = fakeClock();
  const contract = pveContract();
  const violations: string[] = [];
  const pve = await startPve({
    world: homeLab(clock.now()),
    clock,
    taskSeconds: options.taskSeconds ?? 0,
    onRequest: ({ method, path, parameters }) => violations.push(...contract.check(method, path, parameters)),
  });
  onTestFinished(async () => {
    await pve.close();
    expect(violations).toEqual([]);
  });
  const { endpoint, caPem: ca } = pve;
  const token = options.token ?? homeTokens.write;
  const client = proxmoxClient({ cluster: 'home', endpoint, token, ca, clock, timeout: options.timeout ?? 5000 });
  const applier = proxmoxApplier(() => client, clock);
  return {
    ...{ pve, applier, clock },
    writes: () =>
      pve.requests
        .filter(({ method }) => method !== 'GET')
        .map(({ method, path, parameters }) => ({ method, path, parameters })),
    live: async (target) => (await applier.read(parseGuestTarget(target)!)).guest,
  };
}

/** `memory 2048 → 3072 MiB` of postgres, live. */
export function grow(over: Partial<Step> = {}): Step {
  return {
    ...{ applier: 'proxmox', target: 'home/lxc/200', name: 'postgres', where: 'lxc/200 on pve1', kind: 'resize-guest' },
    action: { kind: 'set-guest-config', set: { memory: 3072 } },
    preState: 'sha256:0',
    ...{ before: { memory: 2048 }, after: { memory: 3072 }, changes: [], inverse: 'irreversible' },
    ...{ live: true, reboots: false, destroys: false },
    ...over,
  };
}

/** Several values of postgres at once. */
export function resize(
  before: { [field: string]: number },
  after: { [field: string]: number },
  over: Partial<Step> = {},
): Step {
  return grow({ action: { kind: 'set-guest-config', set: after }, before, after, ...over });
}

const vm = { target: 'home/qemu/203', name: 'homeassistant', where: 'qemu/203 on pve1', live: false } as const;

/** The first step of a VM's new size: written, and waiting for the restart. */
export function growVm(over: Partial<Step> = {}): Step {
  return resize({ memory: 4096 }, { memory: 6144 }, { ...vm, ...over });
}

/** The second: the restart that makes it so. */
export function rebootVm(over: Partial<Step> = {}): Step {
  return growVm({
    action: { kind: 'reboot-guest', makes: { memory: 6144 } },
    kind: 'restart-vm',
    reboots: true,
    ...over,
  });
}

export const token = (live: LiveGuest): { run: string; index: number; live: LiveGuest } => ({
  run: 'run',
  index: 0,
  live,
});
