import { expect } from 'vitest';
import { type Alert, webhook } from '../../demo/alertmanager.ts';
import { memoryShort, MiB, type World } from '../../simulators/pve/index.ts';
import type { Ground } from '../../src/deliver/world.ts';
import { boardCursor, dashboardPass } from '../../src/pipeline/dashboard.ts';
import type { CommandLab } from './setting.ts';

/** nextcloud is as short of memory as postgres is. */
export function bothShort(world: World, now: number): World {
  memoryShort(world, now);
  const [postgres, nextcloud] = [world.guests.get(200), world.guests.get(201)];
  if (postgres === undefined || nextcloud === undefined) throw new Error('a guest is missing');
  nextcloud.load = { ...postgres.load, anon: postgres.load.anon + 2048 * MiB };
  if (postgres.loadBefore)
    nextcloud.loadBefore = { ...postgres.loadBefore, anon: postgres.loadBefore.anon + 2048 * MiB };
  if (postgres.loadSince !== undefined) nextcloud.loadSince = postgres.loadSince;
  return world;
}

/** The dashboard of one lab, its boxes ticked as a person does it. */
export function onBoard(lab: CommandLab) {
  const issue = async () => lab.lab.forge.issue(Number(lab.cursors.values.get(boardCursor)));
  const pass = (ground = lab.read) => dashboardPass(ground, { cursors: lab.cursors });
  const body = async () => {
    await pass();
    return (await issue()).body;
  };
  const tick = async (box: string) => {
    const { number, body: text } = await issue();
    const ticked = text.replace(`- [ ] <!-- gitmend:box ${box} -->`, `- [x] <!-- gitmend:box ${box} -->`);
    expect(ticked, `there is a box ${box}`).not.toBe(text);
    await lab.lab.forge.editIssue(number, { body: ticked });
    return `${box} `;
  };
  /** Writes a line into the issue, as whoever may write can. */
  const forge = async (line: string) => {
    const { number, body: text } = await issue();
    await lab.lab.forge.editIssue(number, { body: `${text}\n${line}\n` });
  };
  const did = async (ground?: Ground) => ((await pass(ground))?.did ?? []).map(({ deed, of }) => `${deed}/${of}`);
  return { issue, pass, body, tick, forge, did };
}

/** One proposal at a time, and a dashboard. */
export const begin = {
  'gitmend.yaml': (text: string) =>
    `${text.replace('window: 5s', 'window: 20s')}dashboard: true\nlimits: { openPullRequests: 1, perHour: 10 }\n`,
};

/** An alert about one guest came again, or resolved: what each of its signals led to. */
export async function healOf(lab: CommandLab, vmid: number, resolved = false): Promise<string[]> {
  const like = lab.lab.alert;
  const alert: Alert = {
    ...like,
    labels: { ...like.labels, id: `lxc/${vmid}` },
    fingerprint: vmid === 200 ? like.fingerprint : `00000000000${vmid}`,
  };
  const healed = await lab.heal(webhook([{ ...alert, resolved }]));
  return healed.map((one) => (one.state === 'refused' ? one.refusal.reason : one.state));
}
