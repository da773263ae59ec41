import { onTestFinished } from 'vitest';
import { homeTokens } from '../../simulators/pve/index.ts';
import { cli, type Said } from '../support/deliver-cli.ts';
import { type DeliverLab, deliverLab, type Files, shortWindow } from '../support/deliver-lab.ts';
import { ask } from '../support/pve-client.ts';

/** The template's policies of a home of one, as `gitmend init` writes them. */
const ofOne: Files = { ...shortWindow, 'policies/guests.yaml': (text) => text.replaceAll('approve-2', 'approve') };

/** A home and `gitmend guest …` in it. */
export interface GuestLab extends DeliverLab {
  call: (...words: string[]) => Promise<Said>;
  /** Any command. */
  gitmend: (...words: string[]) => Promise<Said>;
  /** The files of a branch. */
  files(branch: string): Promise<ReadonlyMap<string, string>>;
  /** A backup of one guest, by Proxmox VE itself; a minute passes. */
  backUp(vmid: number): Promise<void>;
  stop(vmid: number): void;
  config(vmid: number): { [key: string]: unknown };
}

/** Adopted, with whatever `begin` adds to a home of one; closed when the test ends, and held against PVE's own description. */
export async function guestLab(begin: Files = {}): Promise<GuestLab> {
  const lab = await deliverLab({ begin: { ...ofOne, ...begin } });
  onTestFinished(async () => {
    const wrong = await lab.close();
    if (wrong.length > 0) throw new Error(wrong.join('\n'));
  });
  const { pve } = lab.lab;
  for (const { acl } of pve.world.tokens.values()) acl['/'] = [...(acl['/'] ?? []), 'VM.Allocate', 'VM.Clone'];
  await lab.plan();
  const env = { GITMEND_STATE: lab.lab.env.read['GITMEND_STATE'] ?? '', GITMEND_PVE_READ: homeTokens.read };
  const gitmend = (...words: string[]) => cli({ directory: lab.lab.clone, clock: lab.clock, env }, ...words);
  const guestOf = (vmid: number) => {
    const guest = pve.world.guests.get(vmid);
    if (guest === undefined) throw new Error(`there is no guest ${vmid}`);
    return guest;
  };
  return {
    ...lab,
    call: (...words) => gitmend('guest', ...words),
    gitmend,
    async files(branch) {
      await lab.pusher.fetch();
      return lab.pusher.tree((await lab.pusher.tip(`refs/heads/${branch}`)) ?? '');
    },
    async backUp(vmid) {
      await ask(pve, 'POST', '/nodes/pve1/vzdump', { vmid, storage: 'local' }, { token: homeTokens.admin });
      lab.clock.advance(60_000);
    },
    stop: (vmid) => void Object.assign(guestOf(vmid), { status: 'stopped' }),
    config: (vmid) => guestOf(vmid).config,
  };
}
