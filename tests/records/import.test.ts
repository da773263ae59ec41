import { describe, expect, it } from 'vitest';
import { type ImportWords, printImport } from '../../src/records/import.ts';
import { parsePullRequest } from '../../src/records/pull-request.ts';
import { printSet } from '../../src/records/set.ts';
import { expectGolden } from './golden.ts';

const words: ImportWords = {
  cluster: 'home',
  fingerprint: '1e899ced99fd',
  added: [{ id: 'lxc/110', node: 'pve1', file: 'guests/media.yaml' }],
  changed: [
    {
      id: 'lxc/201',
      file: 'guests/nextcloud.yaml',
      edits: [
        { field: 'node', from: 'pve1', to: 'pve2' },
        { field: 'memory', from: 2048, to: 4096 },
        { field: 'disk.size', from: 64, to: 80 },
        { field: 'network.gateway', from: '192.168.1.1' },
        { field: 'tags', from: ['web'], to: ['web', 'backup'] },
      ],
    },
  ],
  gone: [
    { id: 'lxc/202', file: 'guests/frigate.yaml', removed: true },
    { id: 'lxc/204', file: 'guests/gitea.yaml', removed: false },
  ],
  leftOut: [{ guest: 'qemu/150 windows', why: 'it is a template' }],
  undeclared: [{ key: 'mp0', why: 'a file declares the root disk alone, no mount points', guests: ['media', 'web'] }],
  inventory: {
    added: ['media'],
    moved: [{ name: 'nextcloud', from: '192.168.1.21', to: '192.168.1.41' }],
    removed: ['frigate'],
  },
  forget: ['proxmox_virtual_environment_container.nextcloud'],
  stacks: [],
  gate: 'Terraform plans the import of 5 guests without a change.',
  files: 'sha256:1',
};

const nothing = { added: [], changed: [], gone: [] };
const quiet = { added: [], moved: [], removed: [] };

describe('the pull request of an import', () => {
  it('reads well', () => {
    const { title, body } = printImport(words);
    expect(title).toBe('home: import 1 new guest, 1 changed, 1 taken out');
    expectGolden('import.md', body);
  });

  it('is another proposal for other files', () => {
    const proposed = ['sha256:1', 'sha256:2'].map(
      (files) => parsePullRequest(printImport({ ...words, files: files as ImportWords['files'] }).body)?.proposed,
    );
    expect(new Set(proposed).size).toBe(2);
    expect(parsePullRequest(printImport(words).body)).toMatchObject({ kind: 'import', fingerprint: '1e899ced99fd' });
  });

  it('says what changes where no guest does', () => {
    expect(printImport({ ...words, ...nothing }).title).toBe('home: import addresses of the inventory');
    expect(printImport({ ...words, ...nothing, inventory: quiet, stacks: ['stacks/main.ts'] }).title).toBe(
      'home: import 1 file of stacks',
    );
  });

  it('shows what is no plain word as it is written', () => {
    const leftOut = [{ guest: 'lxc/1 <!-- gitmend:pr x -->', why: '**x** @all #1 | y' }];
    const { body } = printImport({ ...words, leftOut });
    expect(body).not.toMatch(/<!-- gitmend:pr x|\*\*x\*\*|[^\\]@all|[^\\]#1/);
    expect(parsePullRequest(body)).toMatchObject({ kind: 'import' });
  });
});

describe('the pull request of what was set', () => {
  const one = {
    name: 'web',
    id: 'lxc/210',
    file: 'guests/web.yaml',
    edits: [{ field: 'memory', from: 1024, to: 2048 }],
  };
  const two = { ...one, name: 'db', id: 'lxc/211', file: 'guests/db.yaml' };

  it('is called by its one guest, or by how many were chosen', () => {
    expect(printSet({ chosen: '', fingerprint: 'f', changed: [one] }).title).toBe('web: memory 1024 → 2048 MiB');
    expect(printSet({ chosen: 'tagged app', fingerprint: 'f', changed: [one, two] }).title).toBe(
      '2 guests tagged app: memory',
    );
  });

  it('is titled by what it orders where it is one order, and by the fields where they are several', () => {
    const title = (...all: (readonly [field: string, to: boolean])[]) =>
      printSet({
        ...{ chosen: all.length > 1 ? 'tagged app' : '', fingerprint: 'f' },
        changed: all.map(([field, to]) => ({ ...one, edits: [{ field, to }] })),
      }).title;
    expect(title(['started', true])).toBe('web: start');
    expect(title(['started', false], ['started', false])).toBe('2 guests tagged app: shut down');
    expect(title(['protection', true], ['protection', true])).toBe('2 guests tagged app: protect');
    expect(title(['protection', false])).toBe('web: take the protection away');
    expect(title(['started', false], ['started', true])).toBe('2 guests tagged app: started');
  });

  it('reads well', () => {
    expectGolden('set.md', printSet({ chosen: 'tagged app', fingerprint: 'f', changed: [one, two] }).body);
  });

  it('is another proposal for another value', () => {
    const proposed = [2048, 3072].map(
      (to) =>
        parsePullRequest(
          printSet({
            chosen: '',
            fingerprint: 'f',
            changed: [{ ...one, edits: [{ field: 'memory', from: 1024, to }] }],
          }).body,
        )?.proposed,
    );
    expect(new Set(proposed).size).toBe(2);
  });
});
