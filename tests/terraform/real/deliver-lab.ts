import { expect, onTestFinished } from 'vitest';
import { homeTokens } from '../../../simulators/pve/index.ts';
import { deliverLab, type DeliverLab, type Files } from '../../support/deliver-lab.ts';
import { mirror } from '../provider/build.ts';
import { program } from './lab.ts';

/** A home whose rules name Terraform and the mirror with the real provider, its runner looking for a second. */
export async function terraformHome(
  setting: { [key: string]: string } = {},
  begin: Files = {},
  env: { [name: string]: string } = {},
): Promise<DeliverLab> {
  const lab = await deliverLab({ synthesis: true, env, begin: { 'gitmend.yaml': terraformIn(setting), ...begin } });
  onTestFinished(async () => {
    await lab.close();
  });
  // The runner's token as docs/setup-proxmox.md has it for Terraform.
  for (const { id, acl } of lab.lab.pve.world.tokens.values())
    if (id === homeTokens.write.split('=')[0]) acl['/'] = [...(acl['/'] ?? []), ...terraformPrivileges];
  return lab;
}

/** What creating and removing guests takes beside changing them (pve-manager: POST and DELETE of /nodes/N/{lxc,qemu}). */
const terraformPrivileges = ['VM.Allocate', 'VM.Config.Network', 'VM.Config.CDROM', 'VM.Config.HWType', 'SDN.Use'];

/** gitmend.yaml with `terraform:` in it. */
export function terraformIn(setting: { [key: string]: string } = {}): (text: string) => string {
  const all = { program, mirror, timeout: '1m', lockTimeout: '0s', ...setting };
  const line = `terraform: { ${Object.entries(all)
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ')} }`;
  return (text) => `${text.replace('window: 5s', 'window: 1s').trimEnd()}\n${line}\n`;
}

/** A text of a file for another; throws where it does not stand there. */
export function instead(from: string, to: string): (text: string) => string {
  return (text) => {
    if (!text.includes(from)) throw new Error(`the file does not say ${from}`);
    return text.replace(from, to);
  };
}

/** A pull request of a person that was planned and merged; `golden` is the file that its plan comment has to be. Its number. */
export async function agreed(lab: DeliverLab, branch: string, files: Files, golden?: string): Promise<number> {
  const number = await lab.propose(branch, files);
  await lab.plan(number);
  if (golden !== undefined) await expect(readable(await planOf(lab, number))).toMatchFileSnapshot(golden);
  await lab.merge(number);
  return number;
}

/** The plan comment of a pull request. */
export async function planOf(lab: DeliverLab, number: number): Promise<string> {
  return (await lab.comments(number)).find(({ body }) => body.includes('gitmend:plan'))?.body ?? '';
}

/** A plan comment without what is another one in every run: ids of commits and digests of what the ports are in. */
export function readable(comment: string): string {
  return comment
    .replace(/sha256:[0-9a-f]{64}/g, 'sha256:…')
    .replace(/`[0-9a-f]{40}`/g, '`…`')
    .replace(/### Plan `[0-9a-f]{7}`/, '### Plan `…`')
    .replace(/as read `[0-9a-f]{7}`/g, 'as read `…`')
    .replace(/`(git|gitmend|node|terraform) [0-9.]+`/g, '`$1 …`')
    .replace(/`tofu [0-9.]+`/g, '`terraform …`');
}

/** The disk of a guest as the stand-in has it, in GiB. */
export function diskOf(lab: DeliverLab, vmid: number): number {
  return (lab.lab.pve.world.guests.get(vmid)?.diskSize ?? 0) / 2 ** 30;
}

/** Requests that were no reads: `PUT /nodes/pve1/lxc/201/resize`. */
export function writesIn(lab: DeliverLab): string[] {
  return lab.lab.pve.requests.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`);
}
