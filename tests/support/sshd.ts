import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { answers, needs } from './needs.ts';

export interface TestSshd {
  port: number;
  /** Who logs in. */
  user: string;
  /** The private key itself. */
  key: string;
  /** Lines of known_hosts for `127.0.0.1`. */
  knownHosts: string;
  /** A folder that belongs to whoever logs in. */
  target: string;
  stop(): Promise<void>;
}

/** Whether this machine has Ansible, an SSH server, and somebody who may log in without being root. */
export function hasAnsible(): boolean {
  const ansible = needs('ansible-playbook');
  const sshd = needs('sshd', () => sshdProgram() !== undefined && answers('ssh', ['-V']) && account() !== undefined);
  return ansible && sshd;
}

/** A real sshd on a free port of 127.0.0.1, with a host key and authorized keys of its own. It does not run as root. */
export async function startSshd(): Promise<TestSshd> {
  const who = account();
  const program = sshdProgram();
  if (who === undefined || program === undefined) throw new Error('ask hasAnsible() first');
  const folder = mkdtempSync(join(tmpdir(), 'gitmend-sshd-'));
  chmodSync(folder, 0o711);
  const port = await freePort();
  const target = join(folder, 'target');
  mkdirSync(target);
  for (const name of ['host', 'client']) {
    const made = spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)]);
    if (made.status !== 0) throw new Error('ssh-keygen failed');
  }
  const authorized = join(folder, 'authorized_keys');
  writeFileSync(authorized, readFileSync(join(folder, 'client.pub')));
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(folder, 'host')}`,
    `AuthorizedKeysFile ${authorized}`,
    'PidFile none',
    'UsePAM no',
    // The folder above is /tmp, which anybody may write.
    'StrictModes no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'Subsystem sftp internal-sftp',
  ];
  writeFileSync(join(folder, 'sshd_config'), `${lines.join('\n')}\n`);
  if (who.uid !== undefined)
    for (const path of [target, join(folder, 'host'), authorized, join(folder, 'sshd_config')])
      chownSync(path, who.uid, who.gid ?? 0);
  const server = spawn(program, ['-D', '-e', '-f', join(folder, 'sshd_config')], {
    stdio: 'ignore',
    ...(who.uid === undefined ? {} : { uid: who.uid, gid: who.gid }),
  });
  process.once('exit', () => server.kill('SIGKILL'));
  await listening(server, port);
  const [kind, key] = readFileSync(join(folder, 'host.pub'), 'utf8').split(' ');
  return {
    port,
    user: who.name,
    key: readFileSync(join(folder, 'client'), 'utf8'),
    knownHosts: `[127.0.0.1]:${port} ${kind ?? ''} ${key ?? ''}\n`,
    target,
    async stop() {
      if (server.exitCode === null && server.signalCode === null) {
        const ended = once(server, 'exit');
        server.kill('SIGTERM');
        await ended;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** sshd is not in everybody's PATH, and starts only by its whole path. */
function sshdProgram(): string | undefined {
  return ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/bin/sshd'].find(
    (path) => spawnSync(path, ['-t', '-f', '/dev/null'], { stdio: 'ignore' }).error === undefined,
  );
}

interface Account {
  name: string;
  uid?: number;
  gid?: number;
}

/** Oneself; where that is root, the account that a PostgreSQL package brings: it has a shell, and may do nothing. */
function account(): Account | undefined {
  if (process.getuid?.() !== 0) return { name: spawnSync('id', ['-un'], { encoding: 'utf8' }).stdout.trim() };
  const entry = spawnSync('getent', ['passwd', 'postgres'], { encoding: 'utf8' }).stdout;
  const [name, , uid, gid, , , shell] = entry.trim().split(':');
  return name === undefined || shell === undefined || !/sh$/.test(shell)
    ? undefined
    : { name, uid: Number(uid), gid: Number(gid) };
}

async function listening(server: ChildProcess, port: number): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (server.exitCode !== null) throw new Error(`sshd ended with ${server.exitCode}`);
    const answered = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (answered) return;
    await sleep(50);
  }
  throw new Error('sshd did not come up');
}
