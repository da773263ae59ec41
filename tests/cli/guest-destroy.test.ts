import { describe, expect, it } from 'vitest';
import { guestLab } from './guest-lab.ts';

describe('gitmend guest destroy', () => {
  it('says what is there of what it needs, opens, and ends verified once it is merged', async () => {
    const lab = await guestLab();
    lab.stop(202);
    await lab.backUp(202);
    const said = await lab.call('destroy', 'frigate');
    expect(said.code, said.err).toBe(0);
    expect(said.out).toBe(
      [
        'frigate (lxc/202 on pve1): stopped, not protected, backed up 2026-11-20 03:34Z',
        'out of ansible/inventory.yaml: frigate',
        'out of prometheus/prometheus.yaml: 192.168.1.22:9100',
        'named still, and left to a person: dns/home.lan.yaml:8',
        '#1 frigate: destroy lxc/202 on pve1',
        '#1 planned: frigate guest lxc/202 on pve1 → destroyed; dry run accepted',
        '',
      ].join('\n'),
    );
    const pr = await lab.lab.forge.pullRequest(1);
    expect(pr.branch).toMatch(/^gitmend\/destroy\/frigate-[0-9a-f]{6}$/);
    const [before, after] = [await lab.files('main'), await lab.files(pr.branch)];
    expect([...before.keys()].filter((path) => before.get(path) !== after.get(path))).toEqual([
      ...['ansible/inventory.yaml', 'guests/frigate.yaml', 'prometheus/prometheus.yaml'],
    ]);
    expect(after.has('guests/frigate.yaml')).toBe(false);
    expect(after.get('ansible/inventory.yaml')).toContain('    cameras:\n      hosts: {}\n    git:');
    expect(after.get('prometheus/prometheus.yaml')).toContain('"192.168.1.21:9100", "192.168.1.24:9100"]');
    expect(pr.body).toContain('Named still, and left to a person: `dns/home.lan.yaml:8`.');
    expect((await lab.call('destroy', 'frigate')).out).toMatch(/\n#1 frigate/);
    expect([...(await lab.open()).keys()]).toEqual(['destroy']);
    await lab.merge(1);
    expect((await lab.run()).at(-1)).toBe('#1 verified: frigate is gone');
    expect(await lab.record(1)).toMatchObject({ outcome: 'verified', remedy: 'destroy' });
  });

  it('says everything that is missing at once, with what to do, and opens nothing', async () => {
    const lab = await guestLab();
    Object.assign(lab.config(202), { protection: 1, mp0: 'local-lvm:vm-202-disk-1,mp=/media,size=500G' });
    Object.assign(lab.lab.pve.world.guests.get(202) ?? {}, { replication: { '202-0': { target: 'pve2' } } });
    lab.stop(201);
    await lab.backUp(201);
    const said = await lab.call('destroy', 'frigate', 'nextcloud');
    expect(said.code).toBe(1);
    expect(said.out.split('\n')).toEqual([
      'frigate (lxc/202 on pve1) cannot be destroyed yet:',
      '  frigate is running, and only what is stopped is destroyed',
      '    next: stop it first: pct shutdown 202 on pve1, or gitmend guest stop frigate',
      '  no backup of frigate ended well on pve1 within 24 hours',
      expect.stringMatching(/^ {4}next: make one: vzdump 202 --storage STORAGE on pve1/),
      '  frigate is protected, and Proxmox VE does not destroy it',
      '    next: take the protection away first: pct set 202 --protection 0 on pve1, or gitmend guest unprotect frigate',
      '  frigate is replicated (202-0 to pve2), and Proxmox VE does not destroy it',
      expect.stringMatching(/^ {4}next: end its replication first: pvesr delete 202-0 on pve1/),
      '  mp0 of frigate would be destroyed with it, and is in no backup',
      expect.stringMatching(/^ {4}next: have it backed up/),
      'nextcloud (lxc/201 on pve1): stopped, not protected, backed up 2026-11-20 03:34Z',
      'nothing was opened: 1 of 2 guests cannot be destroyed yet',
      '',
    ]);
    expect(await lab.open()).toEqual(new Map());
  });

  it('takes all guests of a tag into one pull request; --dry-run says its plan and opens nothing', async () => {
    const lab = await guestLab({
      'guests/gitea.yaml': (text) => text.replace('tags: [git]', 'tags: [old]').replace('[forge]', '[]'),
      'guests/frigate.yaml': (text) => text.replace('tags: [camera]', 'tags: [camera, old]'),
    });
    for (const vmid of [202, 204]) {
      lab.stop(vmid);
      await lab.backUp(vmid);
    }
    const dry = await lab.call('destroy', '--tag', 'old', '--dry-run');
    expect(dry.code, dry.err).toBe(0);
    expect(dry.out.split('\n').slice(-6)).toEqual([
      'would be planned: frigate guest lxc/202 on pve1 → destroyed, Proxmox API; cannot be undone',
      'would be planned: gitea guest lxc/204 on pve1 → destroyed, Proxmox API; cannot be undone',
      expect.stringMatching(/^dry run accepted: stopped, not locked, backed up/),
      'note: Nothing is applied from: ansible/inventory.yaml, prometheus/prometheus.yaml',
      'asks for one approval',
      '',
    ]);
    expect(await lab.open()).toEqual(new Map());
    await lab.pusher.fetch();
    expect([...(await lab.pusher.refs('refs/heads/gitmend/destroy/')).keys()]).toEqual([]);
    const said = await lab.call('destroy', '--tag', 'old');
    expect(said.out).toContain('#1 2 guests tagged old: destroy\n#1 planned: frigate guest');
    expect([...(await lab.files((await lab.lab.forge.pullRequest(1)).branch)).keys()]).not.toContain(
      'guests/gitea.yaml',
    );
  });

  it('opens nothing where the rules would refuse its plan: what carries the forge, two people where there is one', async () => {
    const lab = await guestLab();
    lab.stop(204);
    await lab.backUp(204);
    const carried = await lab.call('destroy', 'gitea');
    expect(carried.code).toBe(1);
    expect(carried.out).toMatch(/^would be refused \(carries\): gitea carries forge, and this stops it for a while$/m);
    expect(carried.out).toMatch(/^ {2}next: .*carries: \[forge\]\nnothing was opened\n$/m);
    const strict = await guestLab({ 'policies/guests.yaml': (text) => text });
    strict.stop(202);
    await strict.backUp(202);
    const two = await strict.call('destroy', 'frigate', '--dry-run');
    expect(two.out).toMatch(/^would be refused \(unreachable-level\): the rule "destroying needs two people"/m);
    expect([two.code, (await strict.open()).size, (await lab.open()).size]).toEqual([1, 0, 0]);
  });

  it('opens nothing where Proxmox VE would refuse it now', async () => {
    const lab = await guestLab();
    lab.stop(202);
    await lab.backUp(202);
    Object.assign(lab.config(202), { lock: 'backup' });
    const said = await lab.call('destroy', 'frigate');
    expect(said.out).toMatch(/dry run refused: locked \(backup\)\nnothing was opened\n$/);
    expect([said.code, (await lab.open()).size]).toEqual([1, 0]);
  });

  it('removes the file alone of a guest that is gone, and leaves one that was never applied', async () => {
    const lab = await guestLab({ 'guests/nextcloud.yaml': (text) => text.replace('memory: 4096', 'memory: 8192') });
    const never = await lab.call('destroy', 'nextcloud');
    expect(never.out).toMatch(
      /never applied as guests\/nextcloud\.yaml declares it, so without the file lxc\/201 would/,
    );
    expect(never.out).toMatch(/nothing was opened: 1 of 1 guest cannot be destroyed yet\n$/);
    expect(never.code).toBe(1);
    lab.lab.pve.world.guests.delete(202);
    const gone = await lab.call('destroy', 'lxc/202');
    expect(gone.out).toBe(
      [
        'frigate (lxc/202) is gone already: only files change',
        'out of ansible/inventory.yaml: frigate',
        'out of prometheus/prometheus.yaml: 192.168.1.22:9100',
        'named still, and left to a person: dns/home.lan.yaml:8',
        '#1 frigate: remove its file, lxc/202 is gone',
        '#1 planned: no step',
        '',
      ].join('\n'),
    );
    expect(gone.code).toBe(0);
  });

  it('refuses nobody, both, a tag that nobody has and a guest that is not declared', async () => {
    const lab = await guestLab();
    const cases: [string[], RegExp][] = [
      [[], /name the guests, or say --tag TAG/],
      [['frigate', '--tag', 'web'], /one of both/],
      [['--tag', 'none'], /no guest is declared with the tag "none"/],
      [['mysql'], /"mysql" is no guest that is declared here/],
    ];
    for (const [words, says] of cases) {
      const said = await lab.call('destroy', ...words);
      expect([said.code, said.err]).toEqual([2, expect.stringMatching(says)]);
    }
  });
});
