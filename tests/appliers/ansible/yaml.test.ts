import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { judge, printYaml } from '../../../src/ansible/index.ts';
import { needs } from '../../support/needs.ts';
import { playbook } from './lab.ts';

const python = '/usr/bin/python3';
const hasYaml = needs('python3-yaml', () => spawnSync(python, ['-c', 'import yaml'], { stdio: 'ignore' }).status === 0);

/** What Ansible's own reader makes of a text, as Python writes it: types and all. */
function asPython(text: string): string {
  const code = 'import sys, yaml; print(repr(yaml.safe_load(sys.stdin.read())))';
  const { stdout, stderr, status } = spawnSync(python, ['-c', code], { input: text, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  // A date without a time of day is written by Ansible as it stands there.
  return stdout.replace(
    /datetime\.date\((\d+), (\d+), (\d+)\)/g,
    (_, ...[y, m, d]: string[]) => `'${y ?? ''}-${(m ?? '').padStart(2, '0')}-${(d ?? '').padStart(2, '0')}'`,
  );
}

const written = String.raw`
texts: [plain, 'single ''quoted''', "double \"quoted\"\n\t\x41\u00e9", yes it is, "yes", 'null', "1", ünïcödé, 🐘, "a: b # c", '{"j": [1, {"k": 2}]}']
truths: [yes, No, TRUE, false, on, OFF, y, n, "on"]
nothings: [~, null, Null, ""]
wholes: [0, 1, -1, +2, 0644, 0o644, 0x1F, 0b101, 1_000, 12345678901234567890, 1:30, 190:20:30, 08, 09]
broken: [1.0, 1.10, -0.5, .5, 1e3, 1.0e+3, 1.5e3, 6.8523015e+5, .inf, -.INF, .nan, 190:20:30.15, 1_0.5]
dates: [2020-01-01]
block: |
  one
    two

  three
folded: >-
  one
  two
keys: { 80: int, yes: bool, 1.5: float, ~: none, "80 ": text, a b: c }
base: &base { a: 1, b: [x] }
merged: { <<: *base, a: 2 }
aliased: *base
empty: { a: {}, b: [], c: }
`;

it.skipIf(!hasYaml)('what is printed anew is what Ansible reads in the file itself', () => {
  const tree = new Map([
    ['ansible/inventory.yaml', 'all:\n'],
    ['ansible/group_vars/all.yaml', written],
    [playbook, '[]\n'],
  ]);
  const { data, objections } = judge({ tree, before: tree, playbook }, { collections: [], environment: [] });
  expect(objections).toEqual([]);
  const value = data.get('ansible/group_vars/all.yaml');
  expect(asPython(value === undefined ? '' : printYaml(value))).toBe(asPython(written));
});
