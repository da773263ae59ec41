import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { homeTokens } from '../../simulators/pve/index.ts';
import { cli, type Said } from '../support/deliver-cli.ts';
import { type DeliverLab, deliverLab, shortWindow } from '../support/deliver-lab.ts';

describe('guests at the terminal', () => {
  let lab: DeliverLab;
  let call: (...words: string[]) => Promise<Said>;
  const guest = (vmid: number) => lab.lab.pve.world.guests.get(vmid);
  const head = async (branch: string) => {
    await lab.pusher.fetch();
    return lab.pusher.tree((await lab.pusher.tip(`refs/heads/${branch}`)) ?? '');
  };
  const branchOf = async (number: number) => (await lab.lab.forge.pullRequest(number)).branch;

  beforeAll(async () => {
    lab = await deliverLab({ begin: shortWindow });
    const env = { GITMEND_STATE: lab.lab.env.read['GITMEND_STATE'] ?? '', GITMEND_PVE_READ: homeTokens.read };
    call = (...words) => cli({ directory: lab.lab.clone, clock: lab.clock, env }, 'guest', ...words);
    await lab.plan();
  }, 60_000);
  afterAll(async () => expect(await lab.close()).toEqual([]));

  it('are listed as they are, one line each', async () => {
    expect((await call('list')).out).toBe(
      [
        'frigate        lxc/202   pve1  running  2 cores  4096 MiB  32 GiB',
        'gitea          lxc/204   pve1  running  2 cores  2048 MiB  32 GiB',
        'homeassistant  qemu/203  pve1  running  2 cores  4096 MiB  32 GiB',
        'nextcloud      lxc/201   pve1  running  2 cores  4096 MiB  64 GiB',
        'postgres       lxc/200   pve1  running  2 cores  2048 MiB  32 GiB',
        '',
      ].join('\n'),
    );
    expect((await call('list', '--tag', 'database')).out).toMatch(/^postgres .*\n$/);
    expect((await call('list', '--tag', 'nothing')).out).toBe('no guest is tagged nothing\n');
  });

  it('are marked where they are otherwise than declared, gone, not to be seen, or in no file', async () => {
    lab.setLive(200, { memory: 4096 });
    const gone = guest(202);
    const other = guest(201);
    lab.lab.pve.world.guests.delete(202);
    if (other !== undefined)
      lab.lab.pve.world.guests.set(300, { ...other, vmid: 300, config: { ...other.config, hostname: 'web' } });
    lab.lab.pve.faults.inject({ fault: 'error-500', path: /\/lxc\/204\/config$/, count: 1 });
    const { out } = await call('list');
    const json = JSON.parse((await call('list', '--json')).out) as { name: string; state: string; live: unknown }[];
    lab.lab.pve.world.guests.delete(300);
    if (gone !== undefined) lab.lab.pve.world.guests.set(202, gone);
    lab.setLive(200, { memory: 2048 });
    const line = (name: string) => out.split('\n').find((one) => one.startsWith(`${name} `));
    expect(line('postgres')).toMatch(/ 4096 MiB {2}32 GiB {2}drifted: memory 4096 MiB is live, 2048 is declared$/);
    expect(line('frigate')).toMatch(/ - .*gone: is not on cluster home any more$/);
    expect(line('gitea')).toMatch(/ - .*unseen: PVE_FAILED/);
    expect(line('web')).toMatch(/lxc\/300 .*undeclared: gitmend import --dry-run says how/);
    expect(json.map(({ name, state }) => [name, state])).toEqual([
      ...[
        ['frigate', 'gone'],
        ['gitea', 'as-declared'],
        ['homeassistant', 'as-declared'],
      ],
      ...[
        ['nextcloud', 'as-declared'],
        ['postgres', 'drifted'],
        ['web', 'undeclared'],
      ],
    ]);
    expect(json[1]?.live).toMatchObject({ status: 'running', running: { memory: 2048 } });
  });

  it('are shown field by field, with what waits for a restart', async () => {
    Object.assign(guest(203)?.pending ?? {}, { memory: '8192' });
    const { out } = await call('show', 'qemu/203');
    Reflect.deleteProperty(guest(203)?.pending ?? {}, 'memory');
    expect(out).toBe(
      [
        'homeassistant (qemu/203 on pve1, running): guests/homeassistant.yaml',
        'drifted: memory 8192 MiB waits for a restart, 4096 is declared',
        '  field    declared                             live',
        '  cores    2                                    2',
        '  memory   4096 MiB                             4096 MiB (8192 after a restart)',
        '  disk     32 GiB on local-lvm                  32 GiB on local-lvm',
        '  network  vmbr0, 192.168.1.23/24, 192.168.1.1',
        '  tags     home                                 home',
        '  carries  -',
        '  running for 21 days',
        '',
      ].join('\n'),
    );
    expect(JSON.parse((await call('show', 'postgres', '--json')).out)).toMatchObject({
      ...{ name: 'postgres', state: 'as-declared', declared: { memory: 2048 }, live: { running: { memory: 2048 } } },
    });
    expect(await call('show', 'mysql')).toMatchObject({ code: 2 });
    expect(lab.writes()).toBe(0);
  });

  it('set is shown by --dry-run, and opens nothing then', async () => {
    const said = await call('set', 'postgres', 'memory=3072', 'tags+=critical', '--dry-run');
    expect(said.out).toMatch(
      /^guests\/postgres.yaml: memory 2048 → 3072 MiB, tags \[database\] → \[database, critical\]\nwould be refused \(unreachable-level\): the rule "critical guests need two people"/,
    );
    expect(await lab.open()).toEqual(new Map());
  });

  it('set opens a pull request with the smallest edit, whose plan is shown, applied once it is merged and verified', async () => {
    const said = await call('set', 'lxc/200', 'memory=3072');
    expect(said.code, said.err).toBe(0);
    expect(said.out).toBe(
      '#1 postgres: memory 2048 → 3072 MiB\n#1 planned: postgres memory 2048 → 3072 MiB; dry run accepted\n',
    );
    const before = await head('main');
    const after = await head(await branchOf(1));
    expect(after.get('guests/postgres.yaml')).toBe(
      before.get('guests/postgres.yaml')?.replace('memory: 2048 ', 'memory: 3072 '),
    );
    const again = await call('set', 'postgres', 'memory=3072');
    expect(again.out).toMatch(/^#1 /);
    await lab.merge(1);
    await lab.run();
    expect(await lab.record(1)).toMatchObject({ outcome: 'verified', remedy: 'set' });
    expect(lab.live(200)).toBe(3072);
    expect((await call('set', 'postgres', 'memory=3072')).out).toBe('nothing to change: the files say so already\n');
  });

  it('set edits all guests of a tag in one pull request, and those that say so already not', async () => {
    await lab.push('main', { 'guests/gitea.yaml': (text) => text.replace('tags: [git]', 'tags: [git, web]') }, 'tag');
    Object.assign(lab.lab.pve.world.guests.get(204)?.config ?? {}, { tags: 'git;web' });
    await lab.plan();
    const said = await call('set', '--tag', 'web', 'tags+=backup', 'cores=2');
    expect(said.out).toMatch(
      /^#2 2 guests tagged web: tags\n#2 planned: nextcloud tags web → backup, web; gitea tags git, web → backup, git, web/,
    );
    const after = await head(await branchOf(2));
    expect(after.get('guests/nextcloud.yaml')).toContain('tags: [web, backup]');
    expect(after.get('guests/gitea.yaml')).toContain('tags: [git, web, backup]');
    expect(await branchOf(2)).toMatch(/^gitmend\/set\/2-guests-[0-9a-f]{6}$/);
  });

  it.each<[string, string[], number, RegExp]>([
    [
      'a value that no file may hold',
      ['postgres', 'memory=2g'],
      1,
      /memory: 2g is not a number of MiB; did you mean 2048\?/,
    ],
    [
      'what a guest is',
      ['postgres', 'vmid=300'],
      2,
      /vmid is not a field that can be set; there are cores, memory, swap/,
    ],
    ['more of what is no list', ['postgres', 'memory+=1'], 2, /memory is no list: write memory=VALUE/],
    ['nothing', ['postgres'], 2, /nothing to set/],
    ['nobody', ['memory=1024'], 2, /name the guests, or say --tag TAG/],
    ['both', ['postgres', '--tag', 'web', 'memory=1024'], 2, /one of both/],
    ['a tag that nobody has', ['--tag', 'none', 'memory=1024'], 2, /no guest is declared with the tag "none"/],
    ['a swap of a virtual machine', ['homeassistant', 'swap=512'], 1, /swap: is not a field of a virtual machine/],
  ])('set refuses %s', async (_name, words, code, says) => {
    const said = await call('set', ...words);
    expect([said.code, said.err]).toEqual([code, expect.stringMatching(says)]);
    expect([...(await lab.open()).values()].map(({ number }) => number)).toEqual([2]);
  });
});
