import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { lastLine, needs } from '../../support/needs.ts';

afterEach(() => vi.unstubAllEnvs());

describe('needs', () => {
  it('is true for a program that the machine has', () => {
    expect(needs('node')).toBe(true);
  });

  it('is false and writes the name down for one that it lacks', () => {
    const folder = mkdtempSync(join(tmpdir(), 'needs-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const ledger = join(folder, 'skipped');
    writeFileSync(ledger, '');
    vi.stubEnv('GITMEND_TESTS_SKIPPED', ledger);
    vi.stubEnv('GITMEND_TESTS_STRICT', '');
    expect(needs('no-such-program')).toBe(false);
    expect(readFileSync(ledger, 'utf8')).toBe('no-such-program\n');
  });

  it('fails under GITMEND_TESTS_STRICT=1, naming the program', () => {
    vi.stubEnv('GITMEND_TESTS_STRICT', '1');
    expect(() => needs('no-such-program')).toThrow('need no-such-program');
    expect(needs('node')).toBe(true);
  });
});

describe('the last line of a run', () => {
  it('counts what was skipped, by name', () => {
    expect(lastLine(['docker', 'terraform', 'docker', ''])).toBe(
      'skipped for want of a program: 3, namely docker (2), terraform (1)',
    );
  });

  it('says so where nothing was', () => {
    expect(lastLine([])).toBe('nothing was skipped for want of a program');
  });
});
