import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import type { Pve } from '../../../simulators/pve/index.ts';
import type { homeTokens } from '../../../simulators/pve/index.ts';
import { ask } from '../../support/pve-client.ts';

const main = join(import.meta.dirname, '../../../simulators/pve/main.ts');

describe('the simulator in a terminal', () => {
  it('says where it answers and with which tokens, and ends when told', { timeout: 30_000 }, async () => {
    const running = execa('node', [main, '--scenario', 'false-alarm']);
    const started = await new Promise<string>((resolve) =>
      running.stdout.once('data', (line: Buffer) => resolve(line.toString())),
    );
    const { endpoint, ca, tokens } = JSON.parse(started) as { endpoint: string; ca: string; tokens: typeof homeTokens };
    const pve = { endpoint, caPem: readFileSync(ca, 'utf8') } as Pve;
    const { record } = await ask(pve, 'GET', '/nodes/pve1/lxc/200/status/current', {}, { token: tokens.read });
    expect(Number(record.mem) / Number(record.maxmem)).toBeCloseTo(0.4, 1);
    running.kill('SIGTERM');
    expect((await running).exitCode).toBe(0);
    expect(() => readFileSync(ca)).toThrow(/ENOENT/);
  });

  it('names the scenarios where one is unknown', { timeout: 30_000 }, async () => {
    const { exitCode, stderr } = await execa('node', [main, '--scenario', 'nonsense'], { reject: false });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('well, memory, false-alarm');
  });
});
