import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished } from 'vitest';
import { homeTokens } from '../../../simulators/pve/index.ts';
import { answers, needs } from '../../support/needs.ts';
import { pveLab } from '../../support/pve-lab.ts';

// Debian installs the module for its own Python, which need not be the first on the path; its HTTPS is python3-requests.
const pythons = ['python3', '/usr/bin/python3'];
const python = pythons.find((command) => answers(command, ['-c', 'import proxmoxer, requests']));
const present = needs('python3-proxmoxer and python3-requests', () => python !== undefined);

describe.skipIf(!present)('an independent client (python3-proxmoxer)', () => {
  it('reads, changes, is refused and waits for tasks as with a real Proxmox VE', { timeout: 60_000 }, async () => {
    const pve = await pveLab({ offContract: true });
    const folder = mkdtempSync(join(tmpdir(), 'pve-ca-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const ca = join(folder, 'ca.pem');
    writeFileSync(ca, pve.caPem);
    const script = join(import.meta.dirname, 'proxmoxer_check.py');
    const { read, write, admin } = homeTokens;
    const run = await execa(python ?? 'python3', [script, pve.endpoint, ca, read, write, admin], {
      reject: false,
      all: true,
    });
    expect(run.all).toMatch(/^ok \d+$/m);
    expect(run.exitCode).toBe(0);
  });
});
