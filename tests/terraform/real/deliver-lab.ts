import { expect, onTestFinished } from 'vitest';
import { homeTokens } from '../../../simulators/pve/index.ts';
import { isRefusal } from '../../../src/core/change-set.ts';
import { isoTime } from '../../../src/core/clock.ts';
import { openRestore } from '../../../src/deliver/restore.ts';
import { readTruth } from '../../../src/deliver/truth.ts';
import type { PullRequest } from '../../../src/forges/forge.ts';
import { driftPass } from '../../../src/pipeline/drift.ts';
import { type DeliverHome, deliverLab, type DeliverLab, type Files } from '../../support/deliver-lab.ts';
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
export async function agreed(lab: DeliverHome, branch: string, files: Files, golden?: string): Promise<number> {
  const number = await lab.propose(branch, files);
  await lab.plan(number);
  if (golden !== undefined) await showsPlan(lab, number, golden);
  await lab.merge(number);
  return number;
}

/** What is live otherwise than declared, looked at twice: the pull request that accepts it. */
export async function proposedDrift(lab: DeliverHome): Promise<PullRequest> {
  await driftPass(lab.read);
  lab.clock.advance(600_000);
  const { proposed, lines } = await driftPass(lab.read);
  const [pr] = proposed;
  if (pr === undefined) throw new Error(`nothing was proposed: ${JSON.stringify(lines)}`);
  return pr;
}

/** The pull request that brings back what is declared of this guest: its number. */
export async function restoring(lab: DeliverHome, target: string): Promise<number> {
  const truth = await readTruth(lab.read);
  const world = { ...lab.read, ...lab.read.engines(truth.rules) };
  const declared = truth.head.guests.get(target);
  if (declared === undefined) throw new Error(`${target} is not declared`);
  const restore = await openRestore(world, truth, target, declared, isoTime(lab.clock.now()));
  if (isRefusal(restore)) throw new Error(restore.message);
  return restore.pullRequest.number;
}

/** The plan comment of a pull request is the text of that file beside the test: as it was made, and as people read it. */
export async function showsPlan(lab: Pick<DeliverHome, 'comments'>, number: number, golden: string): Promise<void> {
  await expect(readable(await planOf(lab, number))).toMatchFileSnapshot(golden);
}

/** The plan comment of a pull request. */
export async function planOf(lab: Pick<DeliverHome, 'comments'>, number: number): Promise<string> {
  return (await lab.comments(number)).find(({ body }) => body.includes('gitmend:plan'))?.body ?? '';
}

/** A plan comment without what is another one in every run: ids of commits and digests of what the ports are in. */
export function readable(comment: string): string {
  return comment
    .replace(/sha256:[0-9a-f]{64}/g, 'sha256:…')
    .replace(/`[0-9a-f]{40}`/g, '`…`')
    .replace(/### Plan `[0-9a-f]{7}`/, '### Plan `…`')
    .replace(/as read `[0-9a-f]{7}`/g, 'as read `…`')
    .replace(/`(git|gitmend|node|terraform|ansible-core) [0-9.]+`/g, '`$1 …`')
    .replace(/operation `\w{26}`/g, 'operation `…`')
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
