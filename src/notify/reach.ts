import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Destination } from './destination.ts';
import { greetMailServer } from './mail.ts';

/** Whether a notice would find its way. Nothing of an address but its host, and nothing that a server said, is in it. */
export type Reach = { reached: true; what: string } | { reached: false; what: string; mend: string };

/**
 * Tries one destination without telling anybody anything. A webhook is connected to and not spoken to: many take any
 * request for a call. A mail server is greeted and shown the login. `patience` in milliseconds, for each step. Never rejects.
 */
export async function reach(to: Destination, patience: number): Promise<Reach> {
  try {
    if (to.kind === 'mail') await greetMailServer(to, patience);
    else await connected(to.kind === 'webhook' ? to.url : to.server, patience);
  } catch (error) {
    return { reached: false, ...reasonOf(error, to) };
  }
  return { reached: true, what: saidOf(to) };
}

function saidOf(to: Destination): string {
  if (to.kind === 'mail') return `answers${to.login === undefined ? '' : ', and has nothing against the login'}`;
  return (to.kind === 'webhook' ? to.url : to.server).protocol === 'https:' ? 'reached, and trusted' : 'reached';
}

async function connected({ protocol, hostname, port }: URL, patience: number): Promise<void> {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const secure = protocol === 'https:';
  const to = { host, port: Number(port || (secure ? 443 : 80)) };
  const socket: Socket = secure
    ? connectTls({ ...to, ...(isIP(host) === 0 ? { servername: host } : {}) })
    : connectTcp(to);
  const late = setTimeout(() => socket.destroy(coded('ETIMEDOUT')), patience);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once(secure ? 'secureConnect' : 'connect', resolve);
      socket.once('error', reject);
      socket.once('close', () => reject(coded('ECONNRESET')));
    });
  } finally {
    clearTimeout(late);
    socket.destroy();
  }
}

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** By the code alone: Node's for sockets and certificates, nodemailer's for a conversation that went wrong. */
function reasonOf(error: unknown, to: Destination): { what: string; mend: string } {
  const { code: said, originalCode } = (error ?? {}) as { code?: unknown; originalCode?: unknown };
  if (said === 'EAUTH')
    return { what: 'refuses the login', mend: 'write user:password of that server into its variable' };
  // nodemailer puts its own code over that of the socket.
  const given = originalCode ?? said;
  const code = typeof given === 'string' && /^[A-Z0-9_]{1,60}$/.test(given) ? given : 'no reason given';
  if (code === 'ETLS') return { what: 'offers no TLS, and a password goes over nothing else', mend: encrypted };
  if (/CERT|SIGNATURE|ISSUER|ALTNAME|^CRL_/.test(code))
    return { what: `its certificate is not trusted (${code})`, mend: trusted };
  const mend = `check the address${to.kind === 'mail' ? '' : ' and its port'}, that the server runs, and that this machine may call it`;
  return { what: `could not be reached (${code})`, mend };
}

const encrypted = 'write smtps:// with the port that speaks it (465), or let the server offer STARTTLS';
const trusted =
  'use the name that its certificate carries; for a CA of your own start gitmend with NODE_EXTRA_CA_CERTS=/path/to/ca.pem';
