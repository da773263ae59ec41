import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

describe('the last line of a run', () => {
  it('counts what passed, failed and was skipped, however it was skipped', () => {
    const { status, line } = run({
      'a.test.ts': `import { describe, expect, it } from 'vitest';
        it('passes', () => expect(1).toBe(1));
        it('fails', () => expect(1).toBe(2));
        it.skip('is skipped', () => {});
        it('skips itself', ({ skip }) => skip('no need'));
        describe.skipIf(true)('a group', () => { it('one', () => {}); it('two', () => {}); });`,
    });
    expect({ status, line }).toEqual({ status: 1, line: '1 passed, 1 failed, 4 skipped' });
  });

  it('counts a hook that fails as a failure, beside the tests that it keeps from running', () => {
    const { status, line } = run({
      'a.test.ts': `import { beforeAll, describe, it } from 'vitest';
        describe('a group', () => { beforeAll(() => { throw new Error('no server'); }); it('one', () => {}); it('two', () => {}); });`,
    });
    expect({ status, line }).toEqual({ status: 1, line: '0 passed, 1 failed, 2 skipped' });
  });

  it('counts a file that cannot be loaded, and an error outside any test, as failures', () => {
    const { status, line } = run({
      'a.test.ts': `import './nowhere.ts';`,
      'b.test.ts': `import { it } from 'vitest'; it('passes', () => { setTimeout(() => { throw new Error('late'); }); return new Promise((resolve) => setTimeout(resolve, 50)); });`,
    });
    expect({ status, line }).toEqual({ status: 1, line: '1 passed, 2 failed, 0 skipped' });
  });

  it('names before it what failed, errors outside any test too', () => {
    const { named } = run({
      'a.test.ts': `import { describe, expect, it } from 'vitest';
        describe('a group', () => { it('fails', () => { throw new Error('first line\\nsecond'); }); it('passes', () => {}); });`,
      'b.test.ts': `import { it } from 'vitest'; it('passes', () => { setTimeout(() => { throw new Error('late'); }); return new Promise((resolve) => setTimeout(resolve, 50)); });`,
    });
    expect(named).toEqual([
      'failed: a.test.ts > a group > fails: first line',
      'failed: outside any test, while b.test.ts ran: late',
    ]);
  });
});

/** Runs vitest on these files with our reporter; the last line that it prints, and the failures that it names. */
function run(files: { readonly [name: string]: string }) {
  const folder = mkdtempSync(join(tmpdir(), 'gitmend-last-line-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const config = `import { lastLine } from '${join(root, 'tests/tools/last-line.ts')}';
    export default { test: { include: ['*.test.ts'], reporters: ['default', lastLine()] } };`;
  for (const [name, text] of Object.entries({ ...files, 'vitest.config.ts': config }))
    writeFileSync(join(folder, name), text);
  // The outer run tells its workers about itself through these; the inner one must not listen.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST$)/.test(name)));
  const vitest = join(root, 'node_modules/.bin/vitest');
  const { status, stdout } = spawnSync(vitest, ['run'], { cwd: folder, env, encoding: 'utf8' });
  const lines = stdout.trimEnd().split('\n');
  return { status, line: lines.at(-1) ?? '', named: lines.filter((line) => line.startsWith('failed: ')) };
}
