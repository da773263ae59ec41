import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { answers, needs } from '../support/needs.ts';

const folder = fileURLToPath(new URL('../../deploy', import.meta.url));
const text = (name: string) => readFileSync(join(folder, name), 'utf8');
const units = readdirSync(join(folder, 'systemd'));

interface Service {
  command: string[];
  env_file: string[];
  user: string;
  read_only: boolean;
  cap_drop: string[];
  ports?: string[];
}
const compose = parse(text('compose.yaml'), { merge: true }) as {
  services: { [name: string]: Service };
  volumes: object;
};

describe.skipIf(!needs('systemd-analyze'))('the systemd units', () => {
  it('pass systemd-analyze verify', () => {
    const here = mkdtempSync(join(tmpdir(), 'gitmend-units-'));
    onTestFinished(() => rmSync(here, { recursive: true }));
    // The program is not installed where the units expect it; everything else is judged as it is.
    for (const unit of units)
      writeFileSync(
        join(here, unit),
        text(`systemd/${unit}`)
          .replace('/opt/gitmend/node_modules/node/bin/node', '/bin/true')
          .replace('file:///opt', 'file:///usr'),
      );
    const { status, stdout, stderr } = spawnSync(
      'systemd-analyze',
      ['verify', '--man=no', ...units.map((unit) => join(here, unit))],
      { encoding: 'utf8' },
    );
    expect([status, stdout, stderr]).toEqual([0, '', '']);
  });

  it('leave little open to whoever breaks in', () => {
    for (const unit of units) {
      const { stdout } = spawnSync(
        'systemd-analyze',
        ['security', '--offline=yes', '--no-pager', join(folder, 'systemd', unit)],
        { encoding: 'utf8' },
      );
      const exposure = Number(/Overall exposure level for .*: ([\d.]+)/.exec(stdout)?.[1] ?? 10);
      expect(exposure).toBeLessThan(2.5);
    }
  });
});

describe('each role', () => {
  it('is given its own variables and no others', () => {
    const names = (file: string) =>
      text(file)
        .split('\n')
        .flatMap((line) => /^#?([A-Z_]+)=/.exec(line)?.[1] ?? []);
    expect(names('serve.env.example')).not.toContain('GITMEND_PVE_WRITE');
    expect(names('runner.env.example').filter((name) => names('serve.env.example').includes(name))).toEqual([
      // The door of serve compares it; what it opens is serve's own store.
      'GITMEND_TFSTATE_WRITE',
      'GITMEND_SIGNING_KEY',
      'GITMEND_ALLOWED_SIGNERS',
    ]);
    expect(compose.services['serve']?.env_file).toEqual(['serve.env']);
    expect(compose.services['runner']?.env_file).toEqual(['runner.env']);
    for (const unit of units)
      expect(text(`systemd/${unit}`)).toContain(
        `EnvironmentFile=/etc/gitmend/${unit.includes('serve') ? 'serve' : 'runner'}.env`,
      );
  });

  it('finds no value in any example', () => {
    for (const file of ['serve.env.example', 'runner.env.example']) expect(text(file)).not.toMatch(/^#?[A-Z_]+=./m);
  });
});

describe('the compose file', () => {
  it('runs without root, without capabilities and without a writable system', () => {
    for (const service of Object.values(compose.services))
      expect(service).toMatchObject({ user: '1000:1000', read_only: true, cap_drop: ['ALL'] });
  });

  it('publishes on loopback alone', () => {
    for (const { ports = [] } of Object.values(compose.services))
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  // Docker's plugin, or Debian's older program, which knows fewer of the fields.
  const program = [['docker', 'compose'], ['docker-compose']].find(([command = '', ...first]) =>
    answers(command, [...first, 'version']),
  );
  it.skipIf(!needs('docker-compose', () => program !== undefined))('is valid', () => {
    const here = mkdtempSync(join(tmpdir(), 'gitmend-compose-'));
    onTestFinished(() => rmSync(here, { recursive: true }));
    for (const name of ['serve.env', 'runner.env']) writeFileSync(join(here, name), '');
    writeFileSync(join(here, 'compose.yaml'), text('compose.yaml'));
    const [command = '', ...first] = program ?? [];
    const { status, stderr } = spawnSync(
      command,
      [...first, '--file', join(here, 'compose.yaml'), 'config', '--quiet'],
      { encoding: 'utf8' },
    );
    expect([status, stderr]).toEqual([0, '']);
  });
});

describe('the image', () => {
  interface Job {
    steps: { run?: string; 'working-directory'?: string }[];
  }
  const { jobs } = parse(readFileSync(join(folder, '../.github/workflows/test.yml'), 'utf8')) as {
    jobs: { [name: string]: Job };
  };

  it('is built by a workflow, which then starts it as compose.yaml does, and sees that it is not root', () => {
    const runs = (jobs['image']?.steps ?? []).flatMap(({ run = '' }) => run.trim().split('\n'));
    const at = (line: string) => runs.indexOf(line);
    expect(at('docker build --file deploy/Containerfile --tag gitmend .')).toBe(runs.findIndex((run) => run !== ''));
    for (const line of [
      'docker run --rm gitmend --version',
      'docker run --rm gitmend explain stale',
      'test "$(docker run --rm --entrypoint id gitmend --user)" -ne 0',
      'docker compose config --quiet',
      ...Object.keys(compose.services).map((name) => `docker compose run --rm --no-deps ${name} explain stale`),
    ])
      expect([line, at(line)]).toEqual([line, expect.toSatisfy((index: number) => index > 0)]);
  });

  it('runs with what it copies and the packages that it installs', () => {
    const here = mkdtempSync(join(tmpdir(), 'gitmend-image-'));
    onTestFinished(() => rmSync(here, { recursive: true }));
    const root = join(folder, '..');
    for (const name of copied()) cpSync(join(root, name), join(here, name), { recursive: true, filter: isOurs });
    symlinkSync(join(root, 'node_modules'), join(here, 'node_modules'));
    const [, words = '[]'] = /^ENTRYPOINT (\[.*\])$/m.exec(text('Containerfile')) ?? [];
    const [, ...entry] = JSON.parse(words) as string[];
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [...entry.map((word) => word.replace('/opt/gitmend', here)), ...args], {
        encoding: 'utf8',
        env: { NODE_ENV: 'production' },
      });
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect([run('--version').stdout.trim(), run('explain', 'stale').status]).toEqual([version, 0]);
    // Git passes over a hook that it may not execute.
    expect(statSync(join(here, 'src/git/hooks/update')).mode & 0o111).toBe(0o111);
  });

  it('copies what runs and nothing else, and does not run as root', () => {
    const lines = text('Containerfile').split('\n');
    expect(copied()).toEqual(['package.json', 'package-lock.json', '.npmrc', 'src', 'infra', 'policies']);
    expect(lines).toContain('USER node');
    expect(text('Containerfile')).toContain('node:24-');
  });
});

/** What the image takes from this repository. */
function copied(): string[] {
  const lines = text('Containerfile').split('\n');
  return lines.filter((line) => line.startsWith('COPY ')).flatMap((line) => line.split(' ').slice(1, -1));
}

function isOurs(path: string): boolean {
  return !path.includes('node_modules');
}
