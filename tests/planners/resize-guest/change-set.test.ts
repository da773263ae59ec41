import { describe, expect, it } from 'vitest';
import { isRefusal, type Tree } from '../../../src/core/change-set.ts';
import { resizeGuest } from '../../../src/planners/resize-guest/index.ts';
import { frigateYaml, postgresYaml, tree } from '../guests.ts';

const propose = (parameters: unknown, { target = 'home/lxc/200', on = tree() }: { target?: string; on?: Tree } = {}) =>
  resizeGuest.changeSet({ target, name: 'postgres', summary: '', parameters: parameters as never }, on);

describe('the change set of resize-guest', () => {
  it('changes one value of one file, and nothing else in it', () => {
    const changes = propose({ memory: 3072 });
    expect(changes).toEqual({
      edits: new Map([
        ['guests/postgres.yaml', postgresYaml.replace('memory: 2048      # MiB', 'memory: 3072      # MiB')],
      ]),
      commitMessage: 'guests/postgres: memory 2048 → 3072 MiB',
      title: 'postgres: memory 2048 → 3072 MiB',
    });
  });

  it('names every value that it changes, and leaves out those that are so already', () => {
    const changes = propose({ cores: 4, swap: 1024, memory: 2048 });
    expect(changes).toMatchObject({ title: 'postgres: swap 512 → 1024 MiB, cores 2 → 4' });
    expect(!isRefusal(changes) && changes.edits.get('guests/postgres.yaml')).toBe(
      postgresYaml.replace('cores: 2', 'cores: 4').replace('swap: 512 ', 'swap: 1024 '),
    );
  });

  it('changes a virtual machine too', () => {
    expect(propose({ memory: 8192 }, { target: 'home/qemu/101' })).toMatchObject({
      title: 'frigate: memory 4096 → 8192 MiB',
    });
  });
});

describe('resize-guest refuses', () => {
  const refused = (answer: ReturnType<typeof propose>) =>
    isRefusal(answer) ? [answer.reason, answer.message] : answer;

  it('what is declared already', () => {
    expect(refused(propose({ memory: 2048, cores: 2 }))).toEqual([
      'already-declared',
      'guests/postgres.yaml declares that already',
    ]);
  });

  it('a target that no file declares', () => {
    expect(refused(propose({ memory: 3072 }, { target: 'away/lxc/200' }))).toEqual([
      'target-undeclared',
      'away/lxc/200 is declared by no file in guests/ that can be read',
    ]);
    expect(refused(propose({ memory: 3072 }, { target: 'home/qemu/200' }))).toEqual([
      'target-undeclared',
      expect.any(String),
    ]);
  });

  it('a target that two files declare, naming both', () => {
    const on = tree({ 'guests/old.yaml': postgresYaml.replace('name: postgres', 'name: old') });
    expect(refused(propose({ memory: 3072 }, { on }))).toEqual([
      'target-not-unique',
      'home/lxc/200 is not declared in exactly one place: see guests/old.yaml and guests/postgres.yaml',
    ]);
  });

  it('a target whose file cannot be trusted', () => {
    const on = tree({ 'guests/postgres.yaml': postgresYaml.replace('memory: 2048', 'memory: 2g') });
    expect(refused(propose({ memory: 3072 }, { on }))).toEqual(['target-undeclared', expect.any(String)]);
  });

  it('the swap of a virtual machine', () => {
    expect(
      refused(propose({ swap: 512 }, { target: 'home/qemu/101', on: tree({ 'guests/frigate.yaml': frigateYaml }) })),
    ).toEqual(['unsupported-change', expect.stringContaining('its swap is inside')]);
  });

  it('parameters that are none', () => {
    expect(refused(propose({ disk: 64 }))).toEqual(['parameters-invalid', expect.stringContaining('resize-guest')]);
    expect(refused(propose({}))).toEqual([
      'parameters-invalid',
      'these are not parameters of resize-guest: names nothing to resize',
    ]);
  });
});
