import { readFile, writeFile } from 'node:fs/promises';
import { webhook } from './alertmanager.ts';
import { gitIn } from '../src/git/git.ts';
import type { PersonForge } from './home.ts';
import type { Lab } from './lab.ts';
import { type Child, startGitmend } from './serve-children.ts';

/** The two processes of gitmend on one lab, and what a person needs to open the page. */
export interface ServedLab {
  page: string;
  /** The port where the page usually is, when somebody else is there. */
  moved: number | undefined;
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

export interface ServeLabOptions {
  /** How long a change is verified, as gitmend.yaml has it: `30s`. */
  window: string;
  /** Rejects what is still starting when somebody does not want it any more. */
  unwanted?: Promise<never>;
}

/** Starts `gitmend serve` and `gitmend runner` as they run in a real lab: two processes, two environments. */
export async function serveLab(lab: Lab<PersonForge>, { window, unwanted }: ServeLabOptions): Promise<ServedLab> {
  await openDoor(lab, window);
  const children: Child[] = [];
  const stop = async () => {
    await Promise.all(children.map((child) => child.stop()));
  };
  try {
    const open = openPage(lab, children);
    const { said, moved } = await (unwanted === undefined ? open : Promise.race([open, unwanted]));
    children.push(startGitmend(lab, lab.env.write, ['runner']));
    const door = find(said, /^door +(\S+)$/m);
    return {
      page: find(said, /^page +(\S+)$/m),
      moved: moved ? usualPort : undefined,
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

/** What `gitmend serve` says when it is there: at the usual port, or at any where somebody else has that one. */
async function openPage(lab: Lab<PersonForge>, children: Child[]): Promise<{ said: string; moved: boolean }> {
  const env = { ...lab.env.read, GITMEND_ALERT_TOKEN: doorToken };
  const at = (port: number) => {
    const serve = startGitmend(lab, env, ['serve', '--page', `127.0.0.1:${port}`, '--door', '127.0.0.1:0']);
    children.splice(0, children.length, serve);
    return serve.says(/^ {2}[\w-]{43}$/m);
  };
  try {
    return { said: await at(usualPort), moved: false };
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('ADDRESS_IN_USE')) throw error;
    return { said: await at(0), moved: true };
  }
}

/** The template names no door; a lab that is served has one, and looks longer at what it did than the unattended stories. */
async function openDoor({ clone, forge }: Lab<PersonForge>, window: string): Promise<void> {
  const file = `${clone}/gitmend.yaml`;
  const text = await readFile(file, 'utf8');
  const opened = text
    .replace(/^(alertmanager: \{ url: "[^"]+")( \})$/m, '$1, doorToken: env:GITMEND_ALERT_TOKEN$2')
    .replace(/window: \d+s/, `window: ${window}`);
  await writeFile(file, opened);
  const git = gitIn(clone, { name: 'maintainer', email: 'maintainer@home.lan' });
  await git(['commit', '--quiet', '--all', '--message', 'gitmend.yaml: open the door for Alertmanager']);
  await git(['push', '--quiet', 'origin', 'HEAD'], { env: { ...forge.gitEnv } });
}

async function deliver(door: string, { alert, clock }: Lab<PersonForge>, state: 'firing' | 'resolved'): Promise<void> {
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
