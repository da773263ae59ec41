import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchLab } from './lab.ts';
import { type Gitmend, startGitmend } from './process.ts';
import { until } from './until.ts';

/** A running `gitmend serve`. */
export interface Serve extends Gitmend {
  /** `http://127.0.0.1:PORT/signals/alertmanager` */
  door: string;
  /** Milliseconds from the start of the process until `/readyz` answered 200. */
  readyAfter: number;
}

/** Starts it on free ports, and asks `/readyz` as soon as there is one until it says yes. */
export async function startServe(lab: BenchLab, cache: string): Promise<Serve> {
  const words = ['serve', '--page', '127.0.0.1:0', '--door', '127.0.0.1:0'];
  const process = startGitmend(lab, 'read', words, cache);
  const [, door = ''] = await process.says(/^door +(\S+)$/m);
  while (!(await isReady(door))) await sleep(2);
  return { ...process, door, readyAfter: performance.now() - process.begun };
}

async function isReady(door: string): Promise<boolean> {
  const answer = await fetch(new URL('/readyz', door));
  await answer.text();
  return answer.status === 200;
}

/** The value of one line of `/metrics`; 0 where it is not there yet. */
export async function metric({ door }: Serve, line: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', door))).text();
  return Number(
    text
      .split('\n')
      .find((one) => one.startsWith(`${line} `))
      ?.slice(line.length) ?? 0,
  );
}

/** Waits until the first contact with the lab is made, and everything was planned once. */
export async function settled(serve: Serve): Promise<void> {
  await until(async () => (await metric(serve, 'gitmend_passes_total{loop="planning",result="done"}')) > 0, 60);
}

/** What the forge and the store hold, read past gitmend: two files of SQLite. */
export interface Witness {
  /** The number of the open or closed pull request on a branch of this guest. */
  pullRequestOf(guest: string): number | undefined;
  /** Whether that pull request shows a plan. */
  isPlanned(guest: string): boolean;
  pullRequests(): number;
  /** Deliveries of the inbox by state. */
  inbox(): { [state: string]: number };
  /** The first twelve digits of every delivery that was dealt with, as the door prints them. */
  done(): Set<string>;
  close(): void;
}

export function openWitness(lab: BenchLab): Witness {
  const forge = new DatabaseSync(join(lab.folder, 'forge', 'forge.sqlite'), { readOnly: true, timeout: 5000 });
  const state = join(lab.folder, 'state');
  const [folder = ''] = readdirSync(state);
  const store = new DatabaseSync(join(state, folder, 'serve.sqlite'), { readOnly: true, timeout: 5000 });
  const ofBranch = forge.prepare('SELECT number FROM pull_request WHERE branch LIKE ?');
  const comments = forge.prepare(
    "SELECT 1 FROM comment WHERE body LIKE '%<!-- gitmend:plan -->%' AND number = (SELECT number FROM pull_request WHERE branch LIKE ?)",
  );
  const all = forge.prepare('SELECT count(*) AS amount FROM pull_request');
  const states = store.prepare("SELECT state, count(*) AS amount FROM work WHERE box = 'in' GROUP BY state");
  const keys = store.prepare("SELECT key FROM work WHERE box = 'in' AND state = 'done'");
  return {
    pullRequestOf: (guest) => ofBranch.get(branchOf(guest))?.['number'] as number | undefined,
    isPlanned: (guest) => comments.get(branchOf(guest)) !== undefined,
    pullRequests: () => Number(all.get()?.['amount']),
    inbox: () => Object.fromEntries(states.all().map((row) => [String(row['state']), Number(row['amount'])])),
    done: () => new Set(keys.all().map((row) => String(row['key']).replace('sha256:', '').slice(0, 12))),
    close: () => {
      forge.close();
      store.close();
    },
  };
}

/** As src/forges/branch-name.ts makes them, without the fingerprint at the end. */
function branchOf(guest: string): string {
  return `gitmend/resize-guest/${guest}-%`;
}
