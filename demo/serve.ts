import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { webhook } from './alertmanager.ts';
import { gitIn } from '../src/git/git.ts';
import type { Lab } from './lab.ts';
import { type Child, startGitmend } from './serve-children.ts';

/** The two processes of gitmend on one lab, and what a person needs to open the page. */
export interface ServedLab {
  page: string;
  door: string;
  token: string;
  /** Alertmanager's part: sends the alert while it fires, and once more when it is resolved. */
  send(state: 'firing' | 'resolved'): Promise<void>;
  /** Both processes end, gracefully where they can. */
  stop(): Promise<void>;
  /** Resolves with what a process said last, should one end by itself. */
  ended: Promise<string>;
}

const doorToken = 'this-token-is-only-for-the-demo';
/** Where the page is, unless somebody else is there already. */
const usualPort = 8787;

/** Starts `gitmend serve` and `gitmend runner` as they run in a real lab: two processes, two environments. */
export async function serveLab(lab: Lab, { window }: { window: string }): Promise<ServedLab> {
  await openDoor(lab, window);
  const port = (await isFree(usualPort)) ? usualPort : 0;
  const env = { ...lab.env.read, GITMEND_ALERT_TOKEN: doorToken };
  const serve = startGitmend(lab, env, ['serve', '--page', `127.0.0.1:${port}`, '--door', '127.0.0.1:0']);
  const children: Child[] = [serve];
  const stop = async () => {
    await Promise.all(children.map((child) => child.stop()));
  };
  try {
    const said = await serve.says(/^ {2}[\w-]{43}$/m);
    children.push(startGitmend(lab, lab.env.write, ['runner']));
    const door = find(said, /^door +(\S+)$/m);
    return {
      page: find(said, /^page +(\S+)$/m),
      door,
      token: find(said, /^ {2}([\w-]{43})$/m),
      send: (state) => deliver(door, lab, state),
      stop,
      ended: Promise.race(children.map((child) => child.ended)),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The template names no door; a lab that is served has one, and looks longer at what it did than the unattended stories. */
async function openDoor({ clone }: Lab, window: string): Promise<void> {
  const file = `${clone}/gitmend.yaml`;
  const text = await readFile(file, 'utf8');
  const opened = text
    .replace(/^(alertmanager: \{ url: "[^"]+")( \})$/m, '$1, doorToken: env:GITMEND_ALERT_TOKEN$2')
    .replace(/window: \d+s/, `window: ${window}`);
  await writeFile(file, opened);
  const git = gitIn(clone, { name: 'maintainer', email: 'maintainer@home.lan' });
  await git(['commit', '--quiet', '--all', '--message', 'gitmend.yaml: open the door for Alertmanager']);
  await git(['push', '--quiet', 'origin', 'HEAD']);
}

async function deliver(door: string, { alert, clock }: Lab, state: 'firing' | 'resolved'): Promise<void> {
  const headers = { authorization: `Bearer ${doorToken}`, 'content-type': 'application/json' };
  const now = new Date(clock.now()).toISOString();
  const sent = webhook([{ ...alert, resolved: state === 'resolved' }]);
  const body = state === 'resolved' ? sent.replace(/"endsAt":"[^"]*"/, `"endsAt":"${now}"`) : sent;
  const answer = await fetch(door, { method: 'POST', headers, body });
  if (!answer.ok) throw new Error(`the door answered ${answer.status}: ${await answer.text()}`);
}

function find(text: string, pattern: RegExp): string {
  return pattern.exec(text)?.[1] ?? '';
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
