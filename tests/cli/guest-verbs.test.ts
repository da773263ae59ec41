import { describe, expect, it } from 'vitest';
import { cli } from '../support/deliver-cli.ts';
import { showsPlan } from '../terraform/real/deliver-lab.ts';
import { type GuestLab, guestLab } from './guest-lab.ts';

/** The lines of a file that one branch has and the other has not. */
async function moreIn(lab: GuestLab, number: number, path: string): Promise<string[]> {
  const { branch } = await lab.lab.forge.pullRequest(number);
  const [before, after] = [await lab.files('main'), await lab.files(branch)];
  const had = (before.get(path) ?? '').split('\n');
  return (after.get(path) ?? '').split('\n').filter((line) => !had.includes(line));
}

describe('gitmend guest start, stop, tag, protect, unprotect, migrate and move-disk', () => {
  it('stop, a backup and destroy end a guest, each as one pull request', async () => {
    const lab = await guestLab();
    const said = await lab.call('stop', 'frigate');
    expect(said.out, said.err).toMatch(/^#1 frigate: shut down\n#1 planned: frigate .*dry run accepted\n$/);
    expect(await moreIn(lab, 1, 'guests/frigate.yaml')).toEqual(['started: false']);
    expect((await lab.call('stop', 'lxc/202')).out).toMatch(/^#1 /);
    await lab.merge(1);
    expect((await lab.run()).at(-1)).toBe('#1 verified: frigate is stopped');
    expect((await lab.call('stop', 'frigate')).out).toBe('nothing to change: the files say so already\n');
    expect((await lab.call('show', 'frigate')).out).toMatch(/^ {2}started +no +stopped$/m);
    await lab.backUp(202);
    expect((await lab.call('destroy', 'frigate')).out).toContain(
      '#2 planned: frigate guest lxc/202 on pve1 → destroyed',
    );
    await lab.merge(2);
    expect((await lab.run()).at(-1)).toBe('#2 verified: frigate is gone');
  });

  it('start starts a guest again, and takes the place of a stop that nobody merged', async () => {
    const lab = await guestLab({ 'guests/frigate.yaml': (text) => `${text}started: true\n` });
    await lab.call('stop', 'frigate');
    expect((await lab.call('start', 'frigate')).out).toBe('nothing to change: the files say so already\n');
    await lab.merge(1);
    await lab.run();
    expect((await lab.call('start', 'frigate')).out).toMatch(/^#2 frigate: start\n#2 planned: /);
    await lab.merge(2);
    expect((await lab.run()).at(-1)).toBe('#2 verified: frigate runs');
    expect((await lab.call('stop', 'nextcloud')).out).toMatch(/^#3 nextcloud: shut down\n/);
    expect((await lab.call('start', 'nextcloud')).out).toMatch(/^#3 nextcloud: start\n/);
    expect(await moreIn(lab, 3, 'guests/nextcloud.yaml')).toEqual(['started: true']);
  });

  it('protects all guests of a tag in one pull request, and takes the protection away again', async () => {
    const lab = await guestLab({ 'guests/gitea.yaml': (text) => text.replace('tags: [git]', 'tags: [git, web]') });
    expect((await lab.call('protect', '--tag', 'web', '--dry-run')).out).toMatch(
      /^guests\/gitea.yaml: protection none → true\nguests\/nextcloud.yaml: protection none → true\nwould be planned: nextcloud protection false → true, live, .*\n.*gitea/,
    );
    expect((await lab.call('protect', '--tag', 'web')).out).toMatch(/^#1 2 guests tagged web: protect\n#1 planned: /);
    await lab.merge(1);
    await lab.run();
    expect([201, 204].map((vmid) => lab.config(vmid)['protection'])).toEqual([1, 1]);
    expect((await lab.call('show', 'gitea')).out).toMatch(/^ {2}protection +yes +yes$/m);
    const said = await lab.call('unprotect', 'gitea', 'nextcloud');
    expect(said.out).toMatch(/^#2 2 guests: take the protection away\n/);
    await showsPlan(lab, 2, 'golden/unprotect-guests.md');
    expect(await moreIn(lab, 2, 'guests/nextcloud.yaml')).toEqual(['protection: false']);
  });

  it('adds and removes tags at once, live, and leaves the rest of the file as it is', async () => {
    const lab = await guestLab();
    lab.config(200)['tags'] = 'database;old';
    const said = await lab.call('tag', 'postgres', '--add', 'backup,critical', '--remove', 'database');
    expect(said.out, said.err).toMatch(/^#1 postgres: tags \[database\] → \[backup, critical\]\n/);
    expect(await moreIn(lab, 1, 'guests/postgres.yaml')).toEqual(['tags: [backup, critical]']);
    await lab.merge(1);
    await lab.run();
    expect(String(lab.config(200)['tags']).split(';').sort()).toEqual(['backup', 'critical', 'old']);
  });

  it('migrate moves guests to another node, and refuses one that is not there', async () => {
    const lab = await guestLab();
    const { nodes } = lab.lab.pve.world;
    const first = nodes.get('pve1');
    if (first !== undefined) nodes.set('pve2', { ...first, name: 'pve2', address: '192.168.1.11' });
    const nowhere = await lab.call('migrate', 'frigate', '--to', 'pve9');
    expect(nowhere.out).toMatch(/^#1 frigate: node pve1 → pve9\n#1 planned: .*dry run refused: /);
    expect(nowhere.code).toBe(1);
    const said = await lab.call('migrate', 'frigate', '--to', 'pve2');
    expect(said.out, said.err).toMatch(/^#1 frigate: node pve1 → pve2\n#1 planned: .*dry run accepted\n$/);
    expect(said.code).toBe(0);
    expect(await moreIn(lab, 1, 'guests/frigate.yaml')).toEqual(['node: pve2']);
    // A plan that took another's place is merged when it has been there to be read for a minute.
    lab.clock.advance(120_000);
    await lab.merge(1);
    expect(await lab.run()).toEqual([
      '#1 applied: frigate migrated to pve2',
      '#1 verified: frigate runs with node pve2',
    ]);
    expect((await lab.call('migrate', 'frigate')).code).toBe(2);
  });

  it('move-disk moves the disk of a machine to another storage, and says what a container needs first', async () => {
    const lab = await guestLab();
    const zfs = { name: 'zfs', type: 'zfspool', content: ['images', 'rootdir'], shared: false } as const;
    lab.lab.pve.world.storages.set('zfs', {
      ...{ ...zfs, content: [...zfs.content] },
      ...{ total: 800 * 2 ** 30, used: 0, files: new Map() },
    });
    expect((await lab.call('move-disk', 'frigate', '--to', 'zfs')).out).toMatch(
      /frigate is running, .* stopped container only/,
    );
    const said = await lab.call('move-disk', 'homeassistant', '--to', 'zfs');
    expect(said.out, said.err).toMatch(
      /^#2 homeassistant: disk.storage local-lvm → zfs\n#2 planned: .*dry run accepted\n$/,
    );
    await lab.merge(2);
    expect((await lab.run()).at(-1)).toBe('#2 verified: homeassistant runs with storage zfs');
    expect(lab.config(203)['unused0']).toMatch(/^local-lvm:/);
    expect((await lab.call('move-disk', 'homeassistant')).code).toBe(2);
  });

  it('says of what it opened and could not plan that it stays open, and how it is planned', async () => {
    const lab = await guestLab();
    const env = { GITMEND_STATE: lab.lab.env.read['GITMEND_STATE'] ?? '' };
    const said = await cli({ directory: lab.lab.clone, clock: lab.clock, env }, 'guest', 'stop', 'frigate');
    expect(said.out).toBe(
      '#1 frigate: shut down\n#1 stays open, and is not planned yet; once this is mended: gitmend plan 1\n',
    );
    expect([said.code, said.err]).toEqual([1, expect.stringMatching(/^ENV_MISSING: GITMEND_PVE_READ is not set/)]);
    expect((await lab.gitmend('plan', '1')).out).toMatch(
      /^#1 planned: frigate status running → stopped; dry run accepted/,
    );
  });

  it('refuses what says nothing, and set knows the same fields', async () => {
    const lab = await guestLab();
    const cases: [string[], number, RegExp][] = [
      [['tag', 'postgres'], 2, /which tags\? say --add backup,web or --remove old/],
      [['tag', 'postgres', '--add', 'Back Up'], 1, /tags\[1\]: Back is not a tag/],
      [['stop'], 2, /name the guests, or say --tag TAG/],
      [['start', 'mysql'], 2, /"mysql" is no guest that is declared here: name one as gitmend guest list does/],
      [['start', 'postgers'], 2, /"postgers" is no guest that is declared here: did you mean postgres\?/],
      [['set', 'postgres', 'memroy=3072'], 2, /memroy is not a field that can be set; did you mean memory\?/],
      [['protect', '--tag', 'none'], 2, /no guest is declared with the tag "none"/],
      [['set', 'postgres', 'started=yes'], 1, /started: yes is .*not true or false/],
      [['set', 'postgres', 'protection+=true'], 2, /protection is no list/],
    ];
    for (const [words, code, says] of cases) {
      const said = await lab.call(...words);
      expect([words, said.code, said.err]).toEqual([words, code, expect.stringMatching(says)]);
    }
    expect((await lab.call('set', 'postgres', 'tags+=web', 'tags-=database', '--dry-run')).out).toMatch(
      /^guests\/postgres.yaml: tags \[database\] → \[web\]\nwould be planned: postgres tags database → web, live, /,
    );
    expect(await lab.open()).toEqual(new Map());
  });
});
