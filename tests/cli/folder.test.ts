import { mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeFolder } from '../../src/cli/folder.ts';
import { stateFolder } from '../../src/cli/ground.ts';
import { temporaryFolder } from '../support/loopback.ts';

function scratch(): string {
  const folder = temporaryFolder('folder');
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe('a folder', () => {
  it('is made with those above it, for this user alone', async () => {
    const above = join(scratch(), 'state');
    const folder = join(above, 'gitmend', 'one');
    await makeFolder(folder);
    for (const each of [above, folder]) expect(statSync(each).mode & 0o777).toBe(0o700);
  });

  it('that is there stays as it is, also behind a link', async () => {
    const [folder, link] = ['there', 'link'].map((name) => join(scratch(), name)) as [string, string];
    mkdirSync(folder, { mode: 0o750 });
    symlinkSync(folder, link);
    for (const each of [folder, link]) await makeFolder(each);
    expect(statSync(folder).mode & 0o777).toBe(0o750);
  });

  it('that a file stands in the way of is not made', async () => {
    const file = join(scratch(), 'file');
    writeFileSync(file, '');
    await expect(makeFolder(file)).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolder(join(file, 'x', 'y'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it('is not tried for ever where a file system takes none', async () => {
    await expect(makeFolder('/proc/gitmend-tests/one')).rejects.toThrow('/proc/gitmend-tests');
  });
});

describe('the state folder', () => {
  it('that cannot be made is refused by its name, with a way out', async () => {
    const file = join(scratch(), 'file');
    writeFileSync(file, '');
    const opened = stateFolder({ env: { GITMEND_STATE: join(file, 'x') } }, { remote: '/srv/repo.git' });
    await expect(opened).rejects.toMatchObject({
      code: 'STATE_UNWRITABLE',
      message: expect.stringMatching(`^${join(file, 'x')}/[0-9a-f]{12} cannot be made: ENOTDIR: `),
    });
  });
});
