import { describe, expect, it } from 'vitest';
import {
  driftLine,
  driftProposed,
  goneProposed,
  printDrift,
  printGone,
  printRestore,
  restoreProposed,
} from '../../src/records/drift.ts';
import { parsePullRequest } from '../../src/records/pull-request.ts';

const memory = { field: 'memory', declared: 2048, live: 4096, pending: false };
const about = {
  name: 'postgres',
  id: 'lxc/200',
  node: 'pve1',
  file: 'guests/postgres.yaml',
  fingerprint: 'a'.repeat(64),
  differing: [memory],
};
const since = '2026-11-20T03:34:00Z';
const state = 'sha256:1';

describe('the pull request that accepts what is live', () => {
  it('says what differs, that merging changes nothing on the host, and how to restore instead', () => {
    const { title, body } = printDrift({ ...about, since });
    expect(title).toBe('postgres: accept memory 4096 MiB as it is on pve1');
    expect(body).toContain('| memory | 4096 MiB | 2048 MiB |');
    expect(body).toContain('changes nothing on the host');
    expect(body).toContain('`gitmend restore lxc/200`');
    expect(parsePullRequest(body)).toMatchObject({ kind: 'drift', proposed: driftProposed(about) });
  });

  it('says of what waits for a restart that it does', () => {
    const { body } = printDrift({ ...about, differing: [{ ...memory, pending: true }], since });
    expect(body).toContain('4096 MiB, after a restart');
    expect(body).not.toContain('changes nothing on the host');
    expect(body).toMatch(/waits for a restart on pve1/);
  });

  it('says of another node whether high availability moves it, with what lets it float', () => {
    const moved = {
      ...about,
      node: 'pve2',
      differing: [{ field: 'node', declared: 'pve1', live: 'pve2', pending: false }],
    };
    expect(printDrift({ ...moved, since }).title).toBe('postgres: accept that it is on pve2');
    expect(printDrift({ ...moved, since }).body).not.toContain('high availability');
    expect(printDrift({ ...moved, since, ha: true }).body).toContain("`drift: { ignore: ['lxc/200:node'] }`");
    expect(printDrift({ ...about, since, ha: true }).body).not.toContain('high availability');
  });

  it('says of a disk that grew that it cannot be brought back, and of one that is smaller not', () => {
    const disk = (live: number) => ({ field: 'disk.size', declared: 32, live, pending: false });
    expect(printDrift({ ...about, differing: [disk(40)], since }).body).toContain(
      'A disk only grows: that it is 40 GiB can be accepted alone.',
    );
    expect(printDrift({ ...about, differing: [disk(16)], since }).body).not.toContain('only grows');
  });

  it('shows a name that is Markdown as it is written', () => {
    const { body } = printDrift({ ...about, name: '**x** <!-- gitmend:plan -->', since });
    expect(body).not.toContain('<!-- gitmend:plan -->');
  });

  it('is another proposal for another value on either side', () => {
    const others = [
      { ...memory, live: 5120 },
      { ...memory, declared: 1024 },
    ].map((one) => driftProposed({ differing: [one] }));
    expect(new Set([driftProposed(about), ...others]).size).toBe(3);
  });
});

describe('the pull request that takes out the file of a guest that is gone', () => {
  const gone = {
    name: 'postgres',
    id: 'lxc/200',
    cluster: 'home',
    file: about.file,
    fingerprint: about.fingerprint,
    since,
  };

  it('says that its merge changes no host, and how the guest comes back', () => {
    const { title, body } = printGone(gone);
    expect(title).toBe('postgres: accept that it is gone from home');
    expect(body).toContain('takes `guests/postgres.yaml` out, and changes nothing on any host');
    expect(body).toContain('under the same id (`pct restore`)');
    expect(parsePullRequest(body)).toMatchObject({ kind: 'drift', proposed: goneProposed });
    expect(goneProposed).not.toBe(driftProposed({ differing: [] }));
    expect(printGone({ ...gone, id: 'qemu/200' }).body).toContain('(`qmrestore`)');
  });
});

describe('the pull request that restores', () => {
  it('says which one it stands against', () => {
    const { title, body } = printRestore({ ...about, state, of: 7 });
    expect(title).toBe('postgres: restore memory 2048 MiB as declared');
    expect(body).toContain('Merging this closes #7');
    expect(parsePullRequest(body)).toMatchObject({ kind: 'restore', of: 7 });
    expect(printRestore({ ...about, state }).body).not.toContain('#');
  });

  it('holds for the live state that was seen, and for no other', () => {
    expect(restoreProposed({ ...about, state })).not.toBe(restoreProposed({ ...about, state: 'sha256:2' }));
  });
});

it('is one line of a log for each way to differ', () => {
  const swap = { field: 'swap', declared: 512, live: 0, pending: true };
  expect(driftLine([memory, swap])).toBe(
    'memory 4096 MiB is live, 2048 is declared and swap 0 MiB waits for a restart, 512 is declared',
  );
});
