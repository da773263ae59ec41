import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { root } from './project.ts';

const depcruise = join(root, 'node_modules', '.bin', 'depcruise');

describe('imports point inward', () => {
  it('in the whole project', () => {
    const places = ['src', 'demo', 'bench', 'simulators', 'tests', 'infra/stacks', 'bin'];
    const { status, stdout } = spawnSync(depcruise, [...places, '--output-type', 'err'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(status, stdout).toBe(0);
  });

  const forbidden: [from: string, imports: string, rule: string][] = [
    ['src/core/a.ts', '../texts/a.ts', 'imports-of-core'],
    ['src/planners/x/a.ts', '../../diagnosers/x/a.ts', 'imports-of-planners'],
    ['src/policy/a.ts', '../forges/x/a.ts', 'imports-of-policy'],
    ['src/deliver/a.ts', '../heal/a.ts', 'imports-of-deliver'],
    ['src/deliver/b.ts', '../diagnosers/x/a.ts', 'imports-of-deliver'],
    ['src/git/a.ts', '../deliver/a.ts', 'imports-of-git'],
    ['src/deliver/c.ts', '../appliers/x/a.ts', 'halves-know-only-contracts'],
    ['src/appliers/x/b.ts', '../y/a.ts', 'one-mechanism-does-not-know-another'],
    ['src/core/b.ts', 'node:fs', 'pure-touches-nothing'],
    ['src/diagnosers/x/b.ts', 'node:net', 'pure-touches-nothing'],
    ['src/declarations/x/a.ts', 'child_process', 'pure-touches-nothing'],
    ['src/records/a.ts', 'execa', 'pure-needs-little'],
    ['src/heal/b.ts', 'node:child_process', 'git-through-one-door'],
    ['src/forges/x/b.ts', 'execa', 'git-through-one-door'],
    ['src/heal/c.ts', '../cli/a.ts', 'entry-points-are-imported-by-nobody'],
    ['src/cli/b.ts', '../../simulators/pve/a.ts', 'product-stands-alone'],
    ['src/cli/c.ts', '../../infra/stacks/a.ts', 'product-stands-alone'],
    ['demo/a.ts', '../infra/stacks/a.ts', 'infra-is-imported-by-nobody'],
    ['infra/stacks/b.ts', '../../src/core/a.ts', 'infra-stands-alone'],
    ['simulators/pve/b.ts', '../../src/core/a.ts', 'stand-in-is-independent'],
    ['demo/b.ts', '../tests/a.ts', 'demo-uses-no-tests'],
    ['src/cli/d.ts', 'vitest', 'product-has-its-dependencies'],
    ['src/cli/e.ts', './nothing-here.ts', 'everything-resolves'],
    ['src/texts/one.ts', './two.ts', 'no-cycle'],
  ];

  it('and each rule notices what breaks it', () => {
    const found = violationsIn(projectWith(forbidden));
    for (const [from, imports, rule] of forbidden)
      expect(found, `${from} imports ${imports}`).toContain(`${rule} ${from}`);
  });
});

/** A project with our rules, and one file for each forbidden import and for what it imports. */
function projectWith(imports: readonly (readonly [from: string, imports: string, rule: string])[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'gitmend-law-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ['.dependency-cruiser.cjs', 'package.json', 'tsconfig.json'])
    cpSync(join(root, name), join(folder, name));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const targets = imports.flatMap(([from, to]) => (to.startsWith('../') ? [join(dirname(from), to)] : []));
  for (const target of targets) write(target, 'export const value = 1;\n');
  for (const [from, to] of imports) write(from, `import { value } from '${to}';\nexport { value };\n`);
  write('src/texts/two.ts', "import { value } from './one.ts';\nexport { value };\n");
  return folder;
}

/** `rule file` of every violation. */
function violationsIn(folder: string): string[] {
  const args = ['src', 'demo', 'simulators', 'tests', 'infra/stacks', '--output-type', 'json'];
  const text = execFileSync(depcruise, args, { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const { summary } = JSON.parse(text) as { summary: { violations: { rule: { name: string }; from: string }[] } };
  return summary.violations.map(({ rule, from }) => `${rule.name} ${from}`);
}
