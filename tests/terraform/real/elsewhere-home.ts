import { setTimeout } from 'node:timers/promises';
import { localHome } from '../../../demo/home.ts';
import { openHomeOn } from '../../../demo/lab.ts';
import { type DeliverHome, deliverHome, type Files } from '../../support/deliver-lab.ts';
import type { TestClock } from '../../support/test-clock.ts';
import { template } from '../../synth/examples.ts';
import { terraformIn } from './deliver-lab.ts';
import type { Elsewhere } from './elsewhere-lab.ts';

/** The template's repository about this cluster, on a local forge of its own, which declares no guest yet. */
export async function homeOf(elsewhere: Elsewhere): Promise<DeliverHome & { close(): Promise<void> }> {
  const { endpoint, ca, token } = elsewhere;
  const clock = passingClock();
  const cluster = { endpoint, caPem: ca, tokens: { read: token, write: token } };
  const lab = await openHomeOn(localHome, { clock, cluster });
  const rules: Files = {
    'gitmend.yaml': terraformIn({ timeout: '15m', stackCode: 'sandbox' }),
    // A home of one, as `gitmend init` writes it.
    'policies/guests.yaml': (text) => text.replaceAll('approve-2', 'approve'),
  };
  const code = Object.entries(noGuests(elsewhere)).map(([path, text]) => [path, text ?? null]);
  return deliverHome(lab, clock, { synthesis: true, begin: { ...rules, ...Object.fromEntries(code) } });
}

/** The template without its guests, whose new containers are made of what this cluster has. */
export function noGuests({ template: made }: Elsewhere): { [path: string]: string | undefined } {
  const usual = /local:vztmpl\/[^']+/;
  const code = template.get('stacks/guests-stack.ts') ?? '';
  if (!usual.test(code)) throw new Error('the template’s stack names no container template any more');
  const guests = [...template.keys()].filter((path) => path.startsWith('guests/'));
  return {
    ...Object.fromEntries(guests.map((path) => [path, undefined])),
    'stacks/guests-stack.ts': code.replace(usual, made),
  };
}

/** guests/<name>.yaml of the one guest that is created. */
export function guestFile({ vmids, node, storage, bridge }: Elsewhere, name: string, memory: number): string {
  return [
    `name: ${name}`,
    'cluster: home',
    `node: ${node}`,
    `vmid: ${vmids[0] ?? 0}`,
    'type: lxc',
    'cores: 1',
    `memory: ${memory}`,
    'swap: 256',
    `disk: { storage: ${storage}, size: 4 }`,
    // Of a network for documentation (RFC 5737): nobody else has it, no lease is asked for, and the provider waits for none.
    `network: { bridge: ${bridge}, address: 192.0.2.99/24 }`,
    '',
  ].join('\n');
}

/** The time of this machine, and what a test lets pass beside it. Whoever sleeps really does: Proxmox VE works meanwhile. */
function passingClock(): TestClock {
  let ahead = 0;
  const now = () => Date.now() + ahead;
  const advance = (milliseconds: number) => void (ahead += milliseconds);
  return {
    ...{ now, advance },
    sleep: (milliseconds) => setTimeout(milliseconds),
    reach: (moment) => advance(Math.max(0, moment - now())),
  };
}
