import { readFile, rm, writeFile } from 'node:fs/promises';
import { onTestFinished } from 'vitest';
import { webhook } from '../../demo/alertmanager.ts';
import { type Lab, openLab } from '../../demo/lab.ts';
import type { Scenario } from '../../demo/story.ts';
import { memoryShort } from '../../simulators/pve/index.ts';
import { systemClock } from '../../src/cli/clock.ts';
import { openGround } from '../../src/cli/ground.ts';
import { gitIn } from '../../src/git/git.ts';
import { runnerPass } from '../../src/pipeline/deliver.ts';
import { type Serving, type ServeSetup, startServe } from '../../src/serve/index.ts';
import { readSettings } from '../../src/serve/settings.ts';

export const doorToken = 'a-token-for-the-door-of-tests';

export interface Served extends Serving {
  lab: Lab;
  /** `http://127.0.0.1:…` of the door, for health and metrics. */
  machine: string;
  token: string;
  logged: string[];
  setup: ServeSetup;
  /** Delivers the lab's alert. */
  alert(resolved?: boolean): Promise<Response>;
  /** One pass of the runner, with its own credentials. */
  run(): Promise<string[]>;
}

/** A lab whose gitmend.yaml names a door, as `gitmend serve` needs it. Closed and removed when the test ends. */
export async function doorLab(): Promise<Lab> {
  const lab = await openDoorLab(memoryShort);
  onTestFinished(() => closeLab(lab));
  return lab;
}

async function closeLab(lab: Lab): Promise<void> {
  await lab.end();
  await rm(lab.folder, { recursive: true, force: true });
}

async function openDoorLab(trouble: Scenario['trouble']): Promise<Lab> {
  const lab = await openLab({ clock: systemClock, trouble });
  const file = `${lab.clone}/gitmend.yaml`;
  const text = await readFile(file, 'utf8');
  const opened = text.replace(/^(alertmanager: \{ url: "[^"]+")( \})$/m, '$1, doorToken: env:GITMEND_ALERT_TOKEN$2');
  await writeFile(file, opened);
  const git = gitIn(lab.clone, { name: 'maintainer', email: 'maintainer@home.lan' });
  await git(['commit', '--quiet', '--all', '--message', 'gitmend.yaml: open the door']);
  await git(['push', '--quiet', 'origin', 'HEAD']);
  return lab;
}

export function setupOf(
  lab: Lab,
  chosen: { page?: string; door?: string; url?: string[] } = {},
): ServeSetup & { logged: string[] } {
  const logged: string[] = [];
  return {
    directory: lab.clone,
    account: 'gitmend',
    env: { ...lab.env.read, GITMEND_ALERT_TOKEN: doorToken },
    clock: systemClock,
    settings: readSettings({ page: '127.0.0.1:0', door: '127.0.0.1:0', ...chosen }, {}),
    write: (line) => logged.push(line),
    logged,
  };
}

/** `gitmend serve` in this process on a lab of its own; stopped when the test ends. */
export async function served(chosen?: Parameters<typeof setupOf>[1]): Promise<Served> {
  const one = await openServed(chosen);
  onTestFinished(() => one.close());
  return one;
}

/** The same for several tests that only look, to be closed by them. */
export async function openServed(chosen?: Parameters<typeof setupOf>[1]): Promise<Served & { close(): Promise<void> }> {
  const lab = await openDoorLab(memoryShort);
  const setup = setupOf(lab, chosen);
  const serving = await startServe(setup);
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= serving.stop());
  return {
    ...serving,
    stop,
    close: async () => {
      await stop();
      await closeLab(lab);
    },
    lab,
    setup,
    logged: setup.logged,
    machine: serving.door.replace('/signals/alertmanager', ''),
    token: serving.person?.token ?? '',
    alert: (resolved = false) =>
      fetch(serving.door, {
        method: 'POST',
        headers: { authorization: `Bearer ${doorToken}`, 'content-type': 'application/json' },
        body: webhook([{ ...lab.alert, resolved }]),
      }),
    run: async () =>
      (await runnerPass(await openGround({ ...setup, env: lab.env.write, role: 'write', log: () => undefined })))
        .events,
  };
}

/** Logs in as a browser does; the cookie header of the session. */
export async function session({ page, token }: Pick<Served, 'page' | 'token'>): Promise<string> {
  const answer = await fetch(`${page}/login`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: page, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ token, next: '/' }),
  });
  return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}
