import { join } from 'node:path';
import { systemClock } from '../src/cli/clock.ts';
import { enginesOf, openClient } from '../src/cli/engines.ts';
import { readGuest } from '../src/clients/proxmox/index.ts';
import { ownModules, synthesisWith } from '../src/cli/ground.ts';
import { isRefusal } from '../src/core/change-set.ts';
import { printGuestTarget } from '../src/core/target.ts';
import { readDeclared } from '../src/deliver/declared.ts';
import { synthesize } from '../src/synth/index.ts';
import { guestStep } from '../src/terraform/index.ts';
import { type BenchPve, grown, stackTree } from './stack-tree.ts';

/** One change of one guest, planned as `gitmend plan` plans it. */
export interface PlanRequest {
  guest: number;
  /** GiB. */
  size: number;
}

export interface PlanAnswer {
  /** From the moment at which the live guest is read, to the step that was previewed. */
  seconds: number;
  /** Bytes: the most that this process has had. */
  peak: number;
  failed?: string;
}

// gitmend's part of a plan with the engines that every entry point constructs, and nothing of git and forge around it:
//   node bench/plan-process.ts FOLDER GUESTS PVE
const [folder = '', guests = '0', opened = '{}'] = process.argv.slice(2);
const pve = JSON.parse(opened) as BenchPve;
const tree = stackTree(Number(guests), pve);
const rules = readDeclared('base', tree);
const state = { synthesize: synthesisWith(synthesize, ownModules(), folder), folder: join(folder, 'terraform') };
const options = { role: 'read', env: { GITMEND_PVE_READ: pve.token }, clock: systemClock, stacks: state } as const;
const engines = enginesOf(options)(rules);
const client = openClient(rules, 'home', options);
process.on('message', (request: PlanRequest) => {
  void planned(request)
    .catch((error: unknown) => ({ seconds: NaN, failed: error instanceof Error ? error.message : String(error) }))
    .then((answer) => process.send?.({ peak: process.resourceUsage().maxRSS * 1024, ...answer } satisfies PlanAnswer));
});
process.send?.('ready');

async function planned({ guest, size }: PlanRequest): Promise<{ seconds: number }> {
  const data = readDeclared(`short-${guest} with ${size}`, grown(tree, guest, size));
  const [after] = [...data.guests.values()].filter(({ name }) => name === `short-${guest}`);
  if (after === undefined || engines.terraform === undefined) throw new Error('the tree of the bench is not whole');
  const target = printGuestTarget(after);
  const { guest: live } = await readGuest(client, after);
  const terraform = engines.terraform({ code: rules, data, from: rules, guests: new Map([[target, after]]) });
  const begun = performance.now();
  const plan = await terraform.plan(target);
  const steps = guestStep(rules.guests.get(target) ?? after, after, ['disk'], live, plan);
  if (isRefusal(steps) || steps.length !== 1) throw new Error(`not one step: ${JSON.stringify(steps).slice(0, 300)}`);
  for (const step of steps) {
    const { accepted, notes } = await terraform.applier().preview(step);
    if (!accepted) throw new Error(`the preview says ${notes.join('; ')}`);
  }
  return { seconds: (performance.now() - begun) / 1000 };
}
