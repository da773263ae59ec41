import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  it('copies what runs and nothing else, and does not run as root', () => {
    const lines = text('Containerfile').split('\n');
    expect(lines.filter((line) => line.startsWith('COPY')).map((line) => line.split(' ')[1])).toEqual([
      'package.json',
      'src',
      'infra',
      'policies',
    ]);
    expect(lines).toContain('USER node');
    expect(text('Containerfile')).toContain('node:24-');
  });
});
