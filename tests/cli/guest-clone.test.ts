import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addTemplates } from '../support/templates.ts';
import { type GuestLab, guestLab } from './guest-lab.ts';

const file = `# guests/wiki.yaml
name: wiki
cluster: home
node: pve1
vmid: 100
type: lxc
cores: 2
memory: 2048      # MiB
swap: 512      # MiB
disk: { storage: local-lvm, size: 16 }      # GiB
network: { bridge: vmbr0 }
tags: [web]
carries: []       # forge, gitmend, prometheus, state: what this guest must not be stopped for lightly
clone: { from: 900 }      # the template that it is made of, once; an edit of it later changes nothing
`;

async function withTemplates(): Promise<GuestLab> {
  const lab = await guestLab();
  addTemplates(lab);
  return lab;
}

describe('gitmend guest create --clone', () => {
  it('declares a clone that is as its template where nothing else is said, and ends verified once it is merged', async () => {
    const lab = await withTemplates();
    const words = ['create', 'wiki', '--clone', 'base', '--memory', '2G', '--disk', '16G', '--tags', 'web'];
    const dry = await lab.call(...words, '--dry-run');
    expect(dry.out, dry.err).toBe(file);
    const said = await lab.call(...words);
    expect(said.out, said.err).toMatch(/^#1 wiki: create lxc\/100 on pve1\n#1 planned: wiki .*; dry run accepted\n$/);
    expect((await lab.lab.forge.pullRequest(1)).body).toContain('| template | lxc/900, cloned in full |');
    expect((await lab.call(...words)).out).toMatch(/^#1 /);
    await lab.merge(1);
    expect((await lab.run()).at(-1)).toMatch(/^#1 verified: wiki /);
    expect(lab.config(100)).toMatchObject({
      hostname: 'wiki',
      memory: 2048,
      rootfs: expect.stringMatching(/16G$/) as string,
    });
  });

  it('takes the template by its id too, and from a file', async () => {
    const lab = await withTemplates();
    const machine = await lab.call('create', 'builder', '--clone', '901', '--cores', '1', '--dry-run');
    expect(machine.out, machine.err).toMatch(/type: qemu\ncores: 1\n[^]*clone: \{ from: 901 \}/);
    const path = join(lab.lab.folder, 'new.yaml');
    writeFileSync(path, 'clone: { from: 900 }\ndisk: { size: 9 }\n');
    const from = await lab.call('create', 'wiki', '--from', path, '--dry-run');
    expect(from.out, from.err).toMatch(
      /type: lxc\n[^]*disk: \{ storage: local-lvm, size: 9 \}[^]*clone: \{ from: 900 \}/,
    );
    writeFileSync(path, 'clone: { from: 900, linked: true }\n');
    expect((await lab.call('create', 'wiki', '--from', path)).err).toMatch(
      /^USAGE: clone\.linked: is not a known field/,
    );
    writeFileSync(path, 'clone: { from: base, linked: true }\ntype: lxc\n');
    const wrong = await lab.call('create', 'wiki', '--from', path, '--dry-run');
    expect(wrong.err).toMatch(/--clone: base is not a number/);
    expect(wrong.err).toMatch(/clone\.linked: is not a known field/);
  });

  it.each<[string, string[], RegExp[]]>([
    [
      'a name that nobody has',
      ['--clone', 'bse'],
      [/--clone: no guest of home .* is called bse; templates are base \(lxc\/900\), golden \(qemu\/901\)/],
    ],
    [
      'what is no template',
      ['--clone', 'postgres'],
      [/--clone: postgres \(lxc\/200 on pve1\) is no template; templates are base/],
    ],
    ['another type', ['--clone', 'base', '--type', 'qemu'], [/--clone: base is lxc\/900, and --type says qemu/]],
    [
      'a smaller disk and another network, both at once',
      ['--clone', 'base', '--disk', '4G', '--address', '192.168.1.30/24'],
      [
        /--clone: the template lxc\/900 has 8 GiB, and wiki declares 4/,
        /--clone: wiki declares the network vmbr0, 192\.168/,
      ],
    ],
  ])('refuses %s, and opens nothing', async (_name, words, says) => {
    const lab = await withTemplates();
    const said = await lab.call('create', 'wiki', ...words);
    expect(said.code).toBe(2);
    for (const say of says) expect(said.err).toMatch(say);
    expect(await lab.open()).toEqual(new Map());
  });

  it('goes to another node only from a shared storage', async () => {
    const lab = await withTemplates();
    const { nodes, storages } = lab.lab.pve.world;
    const first = nodes.get('pve1');
    if (first !== undefined) nodes.set('pve2', { ...first, name: 'pve2', address: '192.168.1.11' });
    const words = ['create', 'wiki', '--clone', 'base', '--node', 'pve2', '--dry-run'];
    expect((await lab.call(...words)).err).toMatch(
      /--node: the template lxc\/900 is on pve1, and its storage local-lvm is not shared with pve2; leave/,
    );
    Object.assign(storages.get('local-lvm') ?? {}, { shared: true });
    expect((await lab.call(...words)).out).toContain('node: pve2\n');
  });
});
