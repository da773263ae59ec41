import { describe, expect, it } from 'vitest';
import { stackChanges, stackDifference } from '../../../src/declarations/stack/index.ts';

const postgres = (dedicated: number, more: object = {}) => ({
  '//': { metadata: { uniqueId: String(dedicated) } },
  memory: { dedicated, swap: 512 },
  cpu: [{ cores: 2 }],
  ...more,
});
const stack = (containers: object, more: object = {}) => ({
  guests: {
    '//': { metadata: { version: '0.24.0' } },
    resource: { proxmox_virtual_environment_container: containers },
    ...more,
  },
});
const address = 'proxmox_virtual_environment_container.postgres';

describe('the difference of two syntheses', () => {
  it('is one line for each value, without metadata', () => {
    expect(stackDifference(stack({ postgres: postgres(2048) }), stack({ postgres: postgres(3072) }))).toEqual([
      `${address}.memory.dedicated: 2048 → 3072`,
    ]);
  });

  it('is empty for the same', () => {
    expect(stackDifference(stack({ postgres: postgres(2048) }), stack({ postgres: postgres(2048) }))).toEqual([]);
    expect(stackDifference({}, {})).toEqual([]);
  });

  it('leaves out where it was synthesized, which is another folder every time', () => {
    const at = (folder: string, file: string) => ({
      big: { terraform: { backend: { local: { path: `${folder}/${file}` } } } },
    });
    const [one, two] = ['/tmp/a/gitmend-synth-78939cd0-7dbe', '/dev/shm/gitmend-synth-0c1f4b72-5f11'];
    expect(stackDifference(at(one, 'x'), at(two, 'x'))).toEqual([]);
    expect(stackDifference(at(one, 'x'), at(two, 'y'))[0]).toBe('terraform.backend.local.path: "./x" → "./y"');
    expect(stackDifference(at('/srv/one', 'x'), at('/srv/two', 'x'))).toHaveLength(1);
  });

  it('names what is added, removed, set and no longer set', () => {
    const before = stack({ postgres: postgres(2048, { started: true }), web: postgres(1024) });
    const after = stack({ postgres: postgres(2048, { tags: ['a'], cpu: [{ cores: 4 }] }), db: postgres(1024) });
    expect(stackDifference(before, after)).toEqual([
      'proxmox_virtual_environment_container.db: added',
      `${address}.cpu[0].cores: 2 → 4`,
      `${address}.started: true → not set`,
      `${address}.tags: not set → ["a"]`,
      'proxmox_virtual_environment_container.web: removed',
    ]);
  });

  it('says of a list of words which one goes and which one comes, not each behind it', () => {
    const kept = (...ignore_changes: string[]) => stack({ postgres: postgres(1, { lifecycle: { ignore_changes } }) });
    const path = `${address}.lifecycle.ignore_changes`;
    expect(stackDifference(kept('a', 'tags', 'b'), kept('a', 'b', 'c'))).toEqual([
      `${path}: no longer "tags"`,
      `${path}: also "c"`,
    ]);
    expect(stackDifference(kept('a', 'b'), kept('b', 'a'))).toEqual([`${path}: in another order`]);
  });

  it('shows a change of shape whole', () => {
    expect(
      stackDifference(stack({ postgres: { memory: { dedicated: 1 } } }), stack({ postgres: { memory: [1] } })),
    ).toEqual([`${address}.memory: {"dedicated":1} → [1]`]);
  });

  it('finds an import by what it imports to', () => {
    const imports = (...ids: [string, string][]) => stack({}, { import: ids.map(([to, id]) => ({ to, id })) });
    expect(stackDifference(imports(['c.b', 'pve1/2']), imports(['c.a', 'pve1/1'], ['c.b', 'pve2/2']))).toEqual([
      'import.c.a: added',
      'import.c.b.id: "pve1/2" → "pve2/2"',
    ]);
  });

  it('covers data sources, providers and backends', () => {
    const more = (version: string) => ({
      data: { proxmox_version: { now: { a: version } } },
      provider: { proxmox: [{ endpoint: version }] },
      terraform: { required_providers: { proxmox: { version } } },
    });
    expect(stackDifference(stack({}, more('1')), stack({}, more('2')))).toEqual([
      'data.proxmox_version.now.a: "1" → "2"',
      'provider.proxmox[0].endpoint: "1" → "2"',
      'terraform.required_providers.proxmox.version: "1" → "2"',
    ]);
  });

  it('names the stack where there are several', () => {
    const one = { resource: { a: { b: { c: 1 } } } };
    expect(stackDifference({ x: one }, { x: one, y: one })).toEqual(['y: a.b: added']);
  });

  it('does not show what may be secret', () => {
    const withPassword = (password: string) => stack({ postgres: { initialization: { user_account: { password } } } });
    const [line] = stackDifference(withPassword('old-one'), withPassword('new-one'));
    expect(line).toBe(`${address}.initialization.user_account.password: (not shown) → (not shown)`);
  });

  it('caps and cleans what it shows', () => {
    const [line] = stackDifference(
      stack({ postgres: { description: 'a' } }),
      stack({ postgres: { description: `\u001b[31m${'x'.repeat(500)}` } }),
    );
    expect(line).not.toContain('\u001b');
    expect(line!.length).toBeLessThan(200);
  });
});

describe('a change of stack code', () => {
  it('is named and was not run', () => {
    const before = new Map([
      ['stacks/main.ts', 'a'],
      ['guests/a.yaml', '1'],
    ]);
    const after = new Map([
      ['stacks/main.ts', 'b'],
      ['stacks/new.ts', 'c'],
      ['guests/a.yaml', '2'],
    ]);
    expect(stackChanges(before, after).files).toEqual(['stacks/main.ts', 'stacks/new.ts']);
    expect(stackChanges(before, after).says).toContain('(stacks/main.ts, stacks/new.ts) and was not run');
  });

  it('of many files names three', () => {
    const after = new Map(['a', 'b', 'c', 'd', 'e'].map((name) => [`stacks/${name}.ts`, 'x']));
    expect(stackChanges(new Map(), after).says).toContain('stacks/c.ts and 2 more)');
  });

  it('is none where only data changes', () => {
    expect(stackChanges(new Map([['guests/a.yaml', '1']]), new Map())).toEqual({ files: [], says: '' });
  });
});
