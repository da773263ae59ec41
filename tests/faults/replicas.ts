import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isGitmendError } from '../../src/core/errors.ts';
import type { Forge } from '../../src/forges/forge.ts';
import { commandsPass } from '../../src/pipeline/commands.ts';
import { planningPass } from '../../src/pipeline/deliver.ts';
import { healDelivery } from '../../src/pipeline/heal.ts';
import { workInbox } from '../../src/serve/inbox-worker.ts';
import { openMetrics } from '../../src/serve/metrics.ts';
import { openStore } from '../../src/store/index.ts';
import { openAs } from '../support/in-process.ts';
import { computer } from '../support/machines.ts';
import type { FaultLab } from './lab.ts';

/** One service: a machine, a mirror and a connection of its own; the store is everybody's. */
export interface Replica {
  /** Heals what waits in the inbox; returns how many deliveries that were. `taken` hears it when it has them. */
  heal: (taken?: () => Promise<unknown>) => Promise<number>;
  plan: () => Promise<unknown>;
  answer: () => Promise<void>;
  /** How many comments it answered so far. */
  answered: () => number;
  accept: (ids: readonly string[]) => Promise<void>;
  close: () => Promise<void>;
}

/** Where both wait for each other before they do the same; whoever does not come lets the other one go on. */
export interface Meeting {
  come: () => Promise<void>;
  off: () => void;
}

export function meetingOf(count: number): Meeting {
  const all = Promise.withResolvers<undefined>();
  let there = 0;
  return {
    async come() {
      there += 1;
      if (there === count) all.resolve(undefined);
      await all.promise;
    },
    off: () => all.resolve(undefined),
  };
}

/** `opening`: where it waits before it asks the forge for a pull request. */
export async function replicaOn(
  { lab, clock }: FaultLab,
  url: string,
  name: string,
  opening: Meeting,
): Promise<Replica> {
  const read = { ...lab.env.read, GITMEND_STATE: join(lab.folder, `state-of-${name}`) };
  const opened = await openAs({ ...lab, env: { ...lab.env, read } }, 'read', computer(name));
  const ensurePullRequest: Forge['ensurePullRequest'] = async (wanted) => {
    await opening.come();
    return opened.forge.ensurePullRequest(wanted);
  };
  const ground = { ...opened, forge: { ...opened.forge, ensurePullRequest } };
  delete ground.synthesize;
  const store = await openStore({ url, file: '/nowhere', clock });
  const payload = await readFile(lab.payload, 'utf8');
  const worker = {
    inbox: store.inbox,
    clock,
    metrics: openMetrics(),
    log: () => undefined,
    holder: name,
    unsettled: [],
  };
  let answers = 0;
  return {
    heal: (taken) =>
      workInbox({
        ...worker,
        healed: () => undefined,
        async heal(payloads) {
          await taken?.();
          return healDelivery(ground, payloads).finally(opening.off);
        },
      }),
    plan: () => planningPass(ground),
    async answer() {
      answers += (await commandsPass(ground, { cursors: store.cursors })).answered.length;
    },
    answered: () => answers,
    async accept(ids) {
      for (const id of ids) await store.inbox.accept({ door: 'alertmanager', id, payload, receivedAt: clock.now() });
    },
    close: () => store.close(),
  };
}

/** Whoever meets another one at a ref or on the forge stops, and looks again later, as a service's loop does. */
export async function untilOneStops(looks: readonly Promise<unknown>[]): Promise<void> {
  for (const one of await Promise.allSettled(looks))
    if (one.status === 'rejected' && !isGitmendError(one.reason)) throw one.reason;
}
