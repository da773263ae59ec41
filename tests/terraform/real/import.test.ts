import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { shortGuest } from '../../../bench/short-guest.ts';
import { homeTokens, type World } from '../../../simulators/pve/index.ts';
import { proxmoxClient } from '../../../src/clients/proxmox/index.ts';
import { readGuests } from '../../../src/declarations/guest/index.ts';
import { findGuests, type Imported, importInto, missingOf } from '../../../src/import/index.ts';
import { declaredOdd, leftOutOdd, oddWorld } from '../../import/odd-world.ts';
import { wildWorld } from '../../import/wild-world.ts';
import { cli } from '../../support/deliver-cli.ts';
import { type DeliverLab, deliverLab } from '../../support/deliver-lab.ts';
import { testClock } from '../../support/test-clock.ts';
import { templateWith } from '../../synth/examples.ts';
import { instead, terraformIn } from './deliver-lab.ts';
import { container, hasTerraform, terraformLab, type TerraformLab } from './lab.ts';

type Files = { [path: string]: string | undefined };

/** Imports what is in the lab's cluster into these files, as `gitmend import` does. */
async function imported(lab: TerraformLab, files: Files, removeGone = false): Promise<Imported> {
  const tree = templateWith(files);
  const client = proxmoxClient({
    ...{ cluster: 'home', endpoint: lab.pve.endpoint, ca: lab.pve.caPem, token: homeTokens.read, clock: testClock() },
  });
  const found = await findGuests(client);
  const declared = readGuests(tree).guests;
  const missing = await missingOf(client, declared, found);
  return importInto({ tree, cluster: 'home', declared, found, missing, removeGone, template: new Map() });
}

function merged(files: Files, { edits }: Imported): Files {
  return { ...files, ...Object.fromEntries([...edits].map(([path, text]) => [path, text ?? undefined])) };
}

/** The template's own guests are not of this cluster. */
const empty: Files = Object.fromEntries(
  [...templateWith({}).keys()].filter((path) => path.startsWith('guests/')).map((path) => [path, undefined]),
);

describe.skipIf(!hasTerraform())('a cluster that was imported, with the real Terraform and bpg/proxmox', () => {
  it('plans no change at once, none after its first apply, and writes nothing to Proxmox VE', async () => {
    const lab = await terraformLab({ world: wildWorld });
    const files = merged(empty, await imported(lab, empty));
    const { terraform, paths } = await lab.stack({ files });
    await terraform.init();
    const first = await terraform.plan([]);
    expect(first.changes.map(({ kind }) => kind)).toEqual(Array.from({ length: 11 }, () => 'no-op'));
    expect(first.changes.filter(({ importedFrom }) => importedFrom === undefined)).toEqual([]);
    await terraform.apply(paths.planFile);
    const second = await terraform.plan([]);
    expect([second.changes, second.unchanged, second.drift]).toEqual([[], 11, []]);
    expect(lab.writes()).toEqual([]);
  });

  it('of odd guests plans no change at once and after its first apply, and names every other with its reason', async () => {
    const lab = await terraformLab({ world: oddWorld });
    const found = await imported(lab, empty);
    expect(found.added.map(({ id }) => id).sort()).toEqual([...declaredOdd].sort());
    expect(found.leftOut.map(({ guest }) => guest.split(' ')[0]).sort()).toEqual([...leftOutOdd.keys()].sort());
    for (const { guest, why } of found.leftOut)
      expect(why, guest).toMatch(leftOutOdd.get(guest.split(' ')[0] ?? '') ?? /^$/);
    const { terraform, paths } = await lab.stack({ files: merged(empty, found) });
    await terraform.init();
    const first = await terraform.plan([]);
    const changing = first.changes.filter(({ kind }) => kind !== 'no-op');
    expect(changing.map(({ address, attributes }) => [address, attributes.map(({ path }) => path.join('.'))])).toEqual(
      [],
    );
    expect(first.changes).toHaveLength(declaredOdd.length);
    await terraform.apply(paths.planFile);
    const second = await terraform.plan([]);
    expect([second.changes, second.unchanged, second.drift]).toEqual([[], declaredOdd.length, []]);
    expect((await imported(lab, merged(empty, found))).edits.size).toBe(0);
    expect(lab.writes()).toEqual([]);
  });

  it('plans no change again once what changed in the cluster is imported, and one is gone', async () => {
    const lab = await terraformLab({ world: wildWorld });
    const files = merged(empty, await imported(lab, empty));
    await lab.imported({ files });
    changeCluster(lab.pve.world);
    expect((await (await lab.stack({ files })).terraform.plan([])).changes).not.toEqual([]);
    const again = await imported(lab, files, true);
    expect(again.changed.map(({ name, edits }) => [name, edits.map(({ field }) => field)])).toEqual([
      ['postgres', ['memory']],
      ['nextcloud', ['disk.size']],
      ['homeassistant', ['cores', 'leave']],
    ]);
    expect(again.gone.map(({ name }) => name)).toEqual(['frigate']);
    const { terraform } = await lab.stack({ files: merged(files, again) });
    const plan = await terraform.plan([]);
    expect(plan.changes).toEqual([]);
    expect(plan.unchanged).toBe(10);
    expect(lab.writes()).toEqual([]);
  });

  it('of a guest that moved to another node plans no change once its state is forgotten, as the import says', async () => {
    const lab = await terraformLab({ world: twoNodes });
    const files = merged(empty, await imported(lab, empty));
    const { paths } = await lab.imported({ files });
    for (const vmid of [200, 203]) Object.assign(lab.pve.world.guests.get(vmid) ?? {}, { node: 'pve2' });
    const again = await imported(lab, files);
    expect(again.changed.map(({ name, edits }) => [name, edits.map(({ to }) => to)])).toEqual([
      ['postgres', ['pve2']],
      ['homeassistant', ['pve2']],
    ]);
    const { terraform } = await lab.stack({ files: merged(files, again) });
    // The provider finds a virtual machine wherever it is; a container only on its old node, where it takes it for gone.
    const unsaid = await terraform.plan([]);
    expect(unsaid.changes.map(({ kind, address }) => [kind, address])).toEqual([['create', container('postgres')]]);
    expect(again.forget).toEqual([container('postgres')]);
    const { status } = spawnSync('terraform', ['state', 'rm', ...again.forget], {
      cwd: paths.folder,
      env: { PATH: process.env['PATH'], HOME: lab.root, TF_DATA_DIR: paths.data, TF_CLI_CONFIG_FILE: paths.cliConfig },
    });
    expect(status).toBe(0);
    const plan = await terraform.plan([]);
    expect(plan.changes.map(({ kind, importedFrom }) => [kind, importedFrom])).toEqual([['no-op', 'pve2/200']]);
    expect(lab.writes()).toEqual([]);
  });
});

function twoNodes(world: World): World {
  const node = world.nodes.get('pve1');
  if (node !== undefined) world.nodes.set('pve2', { ...node, name: 'pve2' });
  return world;
}

function changeCluster({ guests }: World): void {
  const set = (vmid: number, config: { [key: string]: string | number }) =>
    Object.assign(guests.get(vmid)?.config ?? {}, config);
  set(200, { memory: 4096 });
  set(201, { rootfs: 'local-lvm:vm-201-disk-0,size=80G' });
  set(203, { cores: 4, scsi1: 'local-lvm:vm-203-disk-1,size=100G' });
  Object.assign(guests.get(201) ?? {}, { diskSize: 80 * 2 ** 30 });
  guests.delete(202);
}

describe.skipIf(!hasTerraform())('the gate of gitmend import', () => {
  async function home(token: string, begin: { [path: string]: (text: string) => string } = {}) {
    const lab: DeliverLab = await deliverLab({
      synthesis: true,
      trouble: (world, now) => wildWorld(world, now),
      begin: { 'gitmend.yaml': terraformIn({ timeout: '2m' }), ...begin },
    });
    onTestFinished(async () => expect(await lab.close()).toEqual([]));
    const env = { ...lab.lab.env.read, GITMEND_PVE_READ: token };
    return { lab, call: (...words: string[]) => cli({ directory: lab.lab.clone, clock: lab.clock, env }, ...words) };
  }

  it('is a plan of every guest without a change, and leaves neither a state nor a plan', async () => {
    const { lab, call } = await home(homeTokens.admin);
    // One that was killed: no process has the largest number that there can be.
    mkdirSync(join(lab.lab.env.read['GITMEND_STATE'] ?? '', 'import-4194305'), { recursive: true });
    const said = await call('import');
    expect(said.code, said.err).toBe(0);
    expect(said.out).toContain(
      'Terraform plans the import of 11 guests without a change.\n#1 home: import 6 new guests',
    );
    expect((await lab.lab.forge.pullRequest(1)).body).toContain('Terraform plans the import of 11 guests');
    const left = readdirSync(lab.lab.env.read['GITMEND_STATE'] ?? '', { recursive: true }).map(String);
    expect(left.filter((path) => /^import-|tfstate|tfplan/.test(path))).toEqual([]);
    expect(lab.writes()).toBe(0);
  });

  it('of 200 guests is one plan and one pull request (npm run bench says how long it takes)', async () => {
    const { lab, call } = await home(homeTokens.read);
    const { guests } = lab.lab.pve.world;
    for (let index = 0; index < 200; index += 1) {
      const guest = shortGuest(lab.lab.pve.world, lab.clock.now(), index);
      guests.set(guest.vmid, guest);
    }
    const said = await call('import');
    expect(said.out).toContain('Terraform plans the import of 207 guests without a change.');
    expect(said.out).toContain('#1 home: import 206 new guests\n#1 planned: no step');
  }, 120_000);

  it('says which guests a token that only reads cannot plan', async () => {
    const { call } = await home(homeTokens.read);
    const said = await call('import', '--dry-run');
    expect(said.out).toContain(
      'Terraform plans the import of 7 guests without a change. Not planned: agent, cloud, homeassistant, windows (the token lacks VM.Config.Disk',
    );
  });

  it('leaves out by name what stack code of one’s own would change, and says it of what was declared before', async () => {
    const stack = instead("...['description', 'device_passthrough',", "...['device_passthrough',");
    const { lab, call } = await home(homeTokens.read, { 'stacks/guests-stack.ts': stack });
    Object.assign(lab.lab.pve.world.guests.get(204)?.config ?? {}, { description: 'correct-horse' });
    Object.assign(lab.lab.pve.world.guests.get(150)?.config ?? {}, { net2: 'virtio=BC:24:11:00:01:59,bridge=vmbr1' });
    // One that is gone and still declared is not asked about: its import would fail the whole plan.
    lab.lab.pve.world.guests.delete(202);
    const said = await call('import');
    expect(said.code).toBe(1);
    expect(said.out).toMatch(/^left out {4}lxc\/110 media: Terraform would change description$/m);
    expect(said.out).toMatch(/^left out {4}qemu\/150 \S+: its network cards have a gap \(net0, net2\)/m);
    expect(said.out.match(/^differs/gm)).toHaveLength(1);
    expect(said.out).toMatch(/^gone {8}lxc\/202 is not there any more/m);
    expect(said.out).toMatch(/^differs {5}lxc\/204: Terraform would change description$/m);
    expect(said.out).toContain('home: import 4 new guests');
    expect(said.out).not.toMatch(/correct-horse|Tr0ub4dor/);
    const { branch } = await lab.lab.forge.pullRequest(1);
    await lab.pusher.fetch();
    const tree = await lab.pusher.tree((await lab.pusher.tip(`refs/heads/${branch}`)) ?? '');
    expect([tree.has('guests/media.yaml'), tree.has('guests/spare.yaml')]).toEqual([false, true]);
    expect(tree.get('ansible/inventory.yaml')).not.toContain('media');
  });

  it('starts nothing for a stack that would send the token elsewhere', async () => {
    const elsewhere = instead(
      "new ProxmoxProvider(this, 'proxmox');",
      "new ProxmoxProvider(this, 'proxmox').addOverride('endpoint', 'https://127.0.0.1:9');",
    );
    const { lab, call } = await home(homeTokens.read, { 'stacks/guests-stack.ts': elsewhere });
    const said = await call('import');
    expect([said.code, said.err]).toEqual([1, expect.stringMatching(/TERRAFORM_STACK_REFUSED[\s\S]*sets endpoint/)]);
    expect(await lab.open()).toEqual(new Map());
  });
});
