import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type GuestLab, guestLab } from './guest-lab.ts';

const sizes = ['--type', 'lxc', '--cores', '2', '--memory', '2G', '--disk', '8G', '--storage', 'local-lvm'];
const web = ['create', 'web', '--node', 'pve1', ...sizes, '--bridge', 'vmbr0'];
const static30 = ['--address', '192.168.1.30/24', '--gateway', '192.168.1.1'];

const file = `# guests/web.yaml
name: web
cluster: home
node: pve1
vmid: 100
type: lxc
cores: 2
memory: 2048      # MiB
swap: 512      # MiB
disk: { storage: local-lvm, size: 8 }      # GiB
network: { bridge: vmbr0, address: 192.168.1.30/24, gateway: 192.168.1.1 }
tags: [web, backup]
carries: []       # forge, gitmend, prometheus, state: what this guest must not be stopped for lightly
`;

describe('gitmend guest create', () => {
  it('opens one pull request that adds one file, complete, and finds it again when it is asked again', async () => {
    const lab = await guestLab();
    const words = [...web, ...static30, '--tags', 'web,backup'];
    expect((await lab.call(...words, '--dry-run')).out).toBe(file);
    expect(await lab.open()).toEqual(new Map());
    const said = await lab.call(...words, '--vmid', 'next');
    // It is open to be read; a job must not take it for done.
    expect(said.code, said.err).toBe(1);
    expect(said.out).toMatch(/^#1 web: create lxc\/100 on pve1\n#1 refused \(unsupported-change\): web is new/);
    const { branch } = await lab.lab.forge.pullRequest(1);
    expect(branch).toMatch(/^gitmend\/create\/web-[0-9a-f]{6}$/);
    const [before, after] = [await lab.files('main'), await lab.files(branch)];
    expect([...after.keys()].filter((path) => before.get(path) !== after.get(path))).toEqual(['guests/web.yaml']);
    expect(after.get('guests/web.yaml')).toBe(file);
    expect((await lab.call(...words)).out).toMatch(/^#1 /);
    // Other values for the same guest are the same pull request, with its id.
    expect((await lab.call(...words, '--memory', '3G')).out).toMatch(/^#1 web: create lxc\/100/);
    expect((await lab.files(branch)).get('guests/web.yaml')).toContain('memory: 3072 ');
    expect([...(await lab.open()).keys()]).toEqual(['create']);
  });

  it('gives an id that no guest, no file and no open pull request has', async () => {
    const lab = await guestLab({ 'guests/nextcloud.yaml': (text) => text.replace('vmid: 201', 'vmid: 101') });
    await lab.propose('mine', { 'guests/mine.yaml': file.replaceAll('web', 'mine').replace('100', '102') });
    const other = lab.lab.pve.world.guests.get(201);
    if (other !== undefined) lab.lab.pve.world.guests.set(103, { ...other, vmid: 103 });
    const ids: string[] = [];
    for (const name of ['web', 'web2', 'web3']) {
      const said = await lab.call('create', name, ...web.slice(2));
      ids.push(/create lxc\/(\d+)/.exec(said.out)?.[1] ?? said.err);
    }
    expect(ids).toEqual(['100', '104', '105']);
  });

  it('is as another guest is, but for its id and address, and as a file says, flags first', async () => {
    const lab = await guestLab();
    const like = await lab.call('create', 'web', '--like', 'nextcloud', '--memory', '1G', '--dry-run');
    expect(like.out.split('\n').slice(4, 12)).toEqual([
      'vmid: 100',
      'type: lxc',
      'cores: 2',
      'memory: 1024      # MiB',
      'swap: 512      # MiB',
      'disk: { storage: local-lvm, size: 64 }      # GiB',
      'network: { bridge: vmbr0 }',
      'tags: [web]',
    ]);
    const machine = await lab.call('create', 'vm', '--like', 'nextcloud', '--type', 'qemu', '--dry-run', ...static30);
    expect(machine.out).toContain('# A virtual machine has its swap inside.');
    expect(machine.out).toContain('address: 192.168.1.30/24, gateway: 192.168.1.1 }');
    const path = join(lab.lab.folder, 'new.yaml');
    writeFileSync(
      path,
      'name: other\nvmid: 300\ntags: [a]\ndisk: { size: 20 }\ncarries: [state]\nstarted: false\nprotection: true\n',
    );
    const from = await lab.call('create', 'web', '--from', path, '--like', 'nextcloud', '--vmid', '301', '--dry-run');
    expect(from.out).toContain('name: web\n');
    expect(from.out).toContain('vmid: 301\n');
    expect(from.out).toContain('disk: { storage: local-lvm, size: 20 }');
    expect(from.out).toMatch(/tags: \[a\]\ncarries: \[state\] .*\nstarted: false\nprotection: true\n$/);
    writeFileSync(path, 'memry: 1024\n');
    expect((await lab.call('create', 'web', '--from', path, '--like', 'nextcloud')).err).toContain(
      'memry: is not a known field; did you mean memory?',
    );
    writeFileSync(path, '- 1\n');
    expect((await lab.call('create', 'web', '--from', path)).err).toMatch(/--from: .* is no map/);
    expect((await lab.call('create', 'web', '--from', `${path}.none`)).err).toMatch(/--from: .* cannot be read/);
  });

  it('says everything that is wrong at once, each by its flag', async () => {
    const lab = await guestLab();
    const odd = ['--type', 'vm', '--memory', '2x', '--disk', '8.5G', '--address', '192.168.1.30', '--tags', 'Web'];
    const said = await lab.call('create', 'My_Web', '--vmid', '7', '--bridge', 'vmbr0', ...odd);
    expect(said.code).toBe(2);
    const lines = said.err.replace('USAGE: ', '').split('\n');
    expect(lines.slice(0, lines.indexOf('  why: the command was called with words it does not take'))).toEqual([
      'NAME: My_Web is not a host name of a-z, 0-9 and -; did you mean my-web?',
      '--node: is missing',
      '--vmid: 7 is less than 100',
      '--type: vm is not lxc or qemu',
      '--cores: is missing',
      '--memory: 2x is not a number of MiB',
      '--storage: is missing',
      '--disk: 8.5G is not a number of GiB',
      '--address: 192.168.1.30 lacks the length of its network; did you mean 192.168.1.30/24?',
      '--tags: Web is not a tag of a-z, 0-9, _, -, + and .',
    ]);
    expect(await lab.open()).toEqual(new Map());
  });

  it.each<[string, (lab: GuestLab) => Promise<unknown> | undefined, string[], RegExp[]]>([
    [
      'a declared name and a declared id',
      () => undefined,
      ['create', 'postgres', ...web.slice(2), '--vmid', '203'],
      [/NAME: guests\/postgres\.yaml is there already/, /--vmid: 203 is declared already in guests\/homeassistant/],
    ],
    [
      'those of an open pull request',
      (lab) => lab.propose('mine', { 'guests/mine.yaml': file.replaceAll('web', 'mine').replace('100', '300') }),
      ['create', 'mine', ...web.slice(2), '--vmid', '300'],
      [/NAME: #1 declares mine already/, /--vmid: 300 is spoken for by #1 \(mine\)/],
    ],
    [
      'those of a guest that no file declares',
      (lab) => lab.push('main', { 'guests/nextcloud.yaml': null }),
      ['create', 'nextcloud', ...web.slice(2), '--vmid', '201'],
      [/NAME: lxc\/201 on pve1 is called nextcloud already: gitmend import/, /--vmid: 201 is lxc\/201 \(nextcloud\)/],
    ],
    [
      'the address of a declared guest, however long its network',
      () => undefined,
      [...web, '--address', '192.168.1.20/16'],
      [/--address: 192\.168\.1\.20\/16 is declared already in guests\/postgres\.yaml/],
    ],
    [
      'the address of an open pull request',
      (lab) => lab.propose('mine', { 'guests/mine.yaml': file.replaceAll('web', 'mine').replace('100', '300') }),
      [...web, ...static30],
      [/--address: 192\.168\.1\.30\/24 is spoken for by #1 \(mine\)/],
    ],
    [
      'a cluster that there is not',
      () => undefined,
      [...web, '--cluster', 'hom'],
      [/--cluster: gitmend\.yaml names home/],
    ],
    ['another guest that there is not', () => undefined, ['create', 'web', '--like', 'mysql'], [/"mysql" is no guest/]],
  ])('refuses %s', async (_name, given, words, says) => {
    const lab = await guestLab();
    await given(lab);
    const before = (await lab.open()).size;
    const said = await lab.call(...words);
    expect(said.code).toBe(2);
    for (const say of says) expect(said.err).toMatch(say);
    expect((await lab.open()).size).toBe(before);
  });
});
