import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { aims, printFigures, printJson, verdict } from '../../bench/figures.ts';
import { fileSystemOf } from '../../bench/machine.ts';
import { measurements } from '../../bench/measurements/index.ts';
import { nodeEnvironment, nodeFlags } from '../../bench/process.ts';
import { missingForTerraform } from '../../bench/terraform-lab.ts';
import { median, percentile, rounded } from '../../bench/statistics.ts';

const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

describe('percentiles', () => {
  it('are samples by nearest rank, in whatever order they came', () => {
    expect([0.5, 0.95, 0.99, 1].map((share) => percentile(hundred, share))).toEqual([50, 95, 99, 100]);
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2]);
  });

  it('are not lower than what was seen where the samples are few', () => {
    expect(percentile([1, 2, 500], 0.99)).toBe(500);
    expect(percentile([7], 0)).toBe(7);
    expect(percentile([], 0.5)).toBeNaN();
  });

  it('are printed with three figures', () => {
    expect([0.12345, 9.876, 1234.5, -0.05678, 0].map(rounded)).toEqual([0.123, 9.88, 1235, -0.0568, 0]);
  });
});

describe('figures', () => {
  it('are met, missed, or only said; what could not be measured is missed', () => {
    expect(verdict('ack_p99_ms', 10)).toBe('met');
    expect(verdict('ack_p99_ms', 10.01)).toBe('missed');
    expect(verdict('ack_p99_ms', NaN)).toBe('missed');
    expect(verdict('storm_pull_requests', 19)).toBe('missed');
    expect(verdict('ack_p50_ms', 1)).toBe('');
  });

  it('are printed one a line, with aim and verdict', () => {
    expect(printFigures({ ack_p50_ms: 1.5, ack_p99_ms: 12.34 })).toBe(
      '  ack_p50_ms   1.5\n  ack_p99_ms  12.3  at most 10  missed',
    );
  });

  it('are one JSON object with the machine; a missing one is null', () => {
    expect(JSON.parse(printJson({ resume_s: 1.23456, idle_mib: NaN }, { cores: 2 }))).toEqual({
      resume_s: 1.23,
      idle_mib: null,
      machine: { cores: 2 },
    });
  });
});

describe('the bench', () => {
  it('measures what every file of its folder measures', () => {
    const files = readdirSync('bench/measurements').filter((name) => name !== 'index.ts');
    expect(measurements.map(({ name }) => name).toSorted()).toEqual(
      files.map((name) => name.replace('acknowledgement', 'ack').replace('.ts', '')).toSorted(),
    );
  });

  it('starts gitmend with the flags of its unit', () => {
    const unit = readFileSync('deploy/systemd/gitmend-serve.service', 'utf8');
    expect(unit).toContain(`/bin/node ${nodeFlags.join(' ')} /opt/gitmend/`);
    for (const [name, value] of Object.entries(nodeEnvironment)) expect(unit).toContain(` ${name}=${value}`);
  });

  it('names what docs/bench.md says about each aim', () => {
    const page = readFileSync('docs/bench.md', 'utf8');
    for (const name of Object.keys(aims)) expect(page).toContain(`| \`${name}\` |`);
  });

  it('names what is missing of Terraform, and where it comes from', async () => {
    const here = process.execPath;
    expect(await missingForTerraform('no-such-terraform', here)).toMatch(/no-such-terraform is not on this machine/);
    expect(await missingForTerraform('true', '/no/such/provider')).toMatch(/bpg\/proxmox .*\/provider\/build\.ts$/);
    expect(await missingForTerraform('true', here)).toBeUndefined();
  });

  it('names the file system that a folder lies in', () => {
    const mounts = '/dev/vda / ext4 rw 0 0\ntmpfs /tmp tmpfs rw 0 0\nproc /proc proc rw 0 0\n';
    expect(fileSystemOf(mounts, '/tmp/x')).toBe('tmpfs (tmpfs)');
    expect(fileSystemOf(mounts, '/tmpfiles')).toBe('ext4 (/dev/vda)');
  });
});
