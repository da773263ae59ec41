import { type ChildProcess } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';

/** What of this machine stack code could reach for, each with something to be found. */
export interface Bait {
  folder: string;
  tcp: number;
  dns: number;
  unix: string;
  abstract: string;
  /** A process of ours, whose environment holds a secret. */
  pid: number;
  /** What connected, by door. */
  seen: Set<string>;
  close: () => Promise<void>;
}

export async function layBait(neighbour: ChildProcess): Promise<Bait> {
  const folder = await mkdtemp(join(tmpdir(), 'gitmend-test-bait-'));
  const seen = new Set<string>();
  const unix = join(folder, 'a.sock');
  const abstract = `\0gitmend-test-${process.pid}-${Math.floor(process.uptime() * 1e6)}`;
  await writeFile(join(folder, 'secret'), 'the secret of a file\n');
  await mkdir(join(folder, 'stack'));
  await writeFile(join(folder, 'stack', 'cdk.tf.json'), '{"of":"the machine"}');
  const servers = await Promise.all([
    listening('tcp', seen, { host: '127.0.0.1', port: 0 }),
    listening('unix', seen, { path: unix }),
    listening('abstract', seen, { path: abstract }),
  ]);
  const dns = createSocket('udp4', () => seen.add('dns')).bind(0, '127.0.0.1');
  await once(dns, 'listening');
  return {
    ...{ folder, unix, abstract, seen, pid: neighbour.pid ?? 0 },
    tcp: portOf(servers[0]),
    dns: dns.address().port,
    async close() {
      for (const server of servers) server.close();
      (dns satisfies Socket).close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function listening(name: string, seen: Set<string>, at: object): Promise<Server> {
  const server = createServer((socket) => {
    seen.add(name);
    socket.end('hello');
  }).listen(at);
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/**
 * Stack code that tries everything and writes down what of it worked. It leaves a process behind that has `mark` among
 * its arguments.
 */
export const burglar = (bait: Bait, mark: string): string => `
import { spawn } from 'node:child_process';
import dns from 'node:dns/promises';
import fs from 'node:fs';
import net from 'node:net';
const worked = {};
const attempt = async (name, work) => { try { worked[name] = (await work()) !== false; } catch { worked[name] = false; } };
const connected = (at) => new Promise((resolve, reject) => net.connect(at).once('data', resolve).once('error', reject));
const holds = (path, words) => fs.readFileSync(path, 'utf8').includes(words);
await attempt('tcp', () => connected({ host: '127.0.0.1', port: ${bait.tcp} }));
await attempt('unix', () => connected({ path: ${JSON.stringify(bait.unix)} }));
await attempt('abstract', () => connected({ path: ${JSON.stringify(bait.abstract)} }));
await attempt('dns', async () => {
  const resolver = new dns.Resolver({ timeout: 200, tries: 1 });
  resolver.setServers(['127.0.0.1:${bait.dns}']);
  const error = await resolver.resolve4('gitmend.test').catch((error) => error);
  return error.code === 'ETIMEOUT';
});
await attempt('passwd', () => holds('/etc/passwd', 'root'));
await attempt('secret', () => holds(${JSON.stringify(join(bait.folder, 'secret'))}, 'secret'));
await attempt('environ', () => holds('/proc/${bait.pid}/environ', 'neighbour-secret'));
await attempt('write', () => fs.writeFileSync(${JSON.stringify(join(bait.folder, 'written'))}, ''));
await attempt('code', () => fs.appendFileSync('stacks/main.ts', '\\n'));
await attempt('beside', () => fs.writeFileSync('beside', ''));
await attempt('hardlink', () => fs.linkSync(${JSON.stringify(join(bait.folder, 'secret'))}, 'cdktf.out/linked'));
await attempt('kill', () => process.kill(${bait.pid}, 0));
await attempt('shell', () => new Promise((resolve, reject) => spawn('/bin/sh', ['-c', 'true']).once('exit', resolve).once('error', reject)));
await attempt('daemon', () => spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', ${JSON.stringify(mark)}], { detached: true, stdio: 'ignore' }).unref());
worked.environment = Object.keys(process.env).length > 0;
fs.mkdirSync('cdktf.out/stacks/one', { recursive: true });
fs.writeFileSync('cdktf.out/stacks/one/cdk.tf.json', JSON.stringify(worked));
`;

/** Processes of this machine with that word among their arguments. */
export function processesWith(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => argumentsOf(pid).includes(mark))
    .map(Number);
}

function argumentsOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
