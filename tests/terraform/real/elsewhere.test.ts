import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gated } from '../../../src/cli/import-gate.ts';
import { listGuests, type ProxmoxClient, readGuest } from '../../../src/clients/proxmox/index.ts';
import { readTruth } from '../../../src/deliver/truth.ts';
import { findGuests } from '../../../src/import/index.ts';
import { driftPass } from '../../../src/pipeline/drift.ts';
import { type DeliverHome, type Files, set } from '../../support/deliver-lab.ts';
import { agreed, planOf, proposedDrift, restoring } from './deliver-lab.ts';
import { backUp, cleanUp, meddle, removeArchive, stop, tasksOf } from './elsewhere-guest.ts';
import { guestFile, homeOf, noGuests } from './elsewhere-home.ts';
import { clientOf, demandFree, type Elsewhere, elsewhereOf, isNamed, openElsewhere } from './elsewhere-lab.ts';
import { container, hasTerraform, stackAt } from './lab.ts';
import { guestHas, refused, without } from './stack-code-lab.ts';

/** Milliseconds: a real container is unpacked and started, backed up and destroyed. */
const patience = 900_000;

describe('a Proxmox VE elsewhere is used only where', () => {
  const whole = {
    ...{ URL: 'https://pve:8006/', TOKEN: 'a@pve!b=c', VMIDS: '9900-9909', NODE: 'pve1', STORAGE: 'local-lvm' },
    ...{ TEMPLATE: 'local:vztmpl/x.tar.zst', CA: '' },
  };
  const read = (variables: { [name: string]: string }): Elsewhere =>
    elsewhereOf(
      Object.fromEntries(Object.entries(variables).map(([name, value]) => [`GITMEND_TEST_PVE_${name}`, value])),
    );

  it('everything that it takes is named, and says all that is not at once', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gitmend-elsewhere-'));
    whole.CA = join(folder, 'ca.pem');
    writeFileSync(whole.CA, 'AA');
    expect(read(whole)).toMatchObject({ endpoint: 'https://pve:8006', bridge: 'vmbr0', ca: 'AA', backups: 'local' });
    expect(read(whole).vmids).toEqual([9900, 9901, 9902, 9903, 9904, 9905, 9906, 9907, 9908, 9909]);
    expect(() => read({ ...whole, NODE: '', CA: '' })).toThrow(
      'GITMEND_TEST_PVE_CA is not set\nGITMEND_TEST_PVE_NODE is not set',
    );
    for (const VMIDS of ['9909-9900', '1-5', '100-999', 'all'])
      expect(() => read({ ...whole, VMIDS })).toThrow('no range');
    rmSync(folder, { recursive: true });
  });
});

const where = isNamed() ? 'the Proxmox VE that GITMEND_TEST_PVE_URL names' : 'a stand-in in a process of its own';

describe.skipIf(!hasTerraform())(`on ${where}, one guest of our own`, { timeout: patience }, () => {
  // Nobody else's guest has this name, so nobody else's is ever destroyed.
  const name = `gitmend-test-${randomBytes(4).toString('hex')}`;
  const file = `guests/${name}.yaml`;
  const root = mkdtempSync(join(tmpdir(), 'gitmend-elsewhere-'));
  const closing: (() => Promise<unknown>)[] = [() => rm(root, { recursive: true, force: true })];
  let elsewhere: Elsewhere;
  let client: ProxmoxClient;
  let home: DeliverHome;
  let before: number[];
  const guest = () => ({ cluster: 'home', type: 'lxc' as const, vmid: elsewhere.vmids[0] ?? 0 });
  const live = async () => (await readGuest(client, guest())).guest;
  const tasks = () => tasksOf(client, elsewhere.node, guest().vmid);
  const others = async (): Promise<number[]> =>
    (await listGuests(client)).filter((one) => one.name !== name).map(({ vmid }) => vmid);
  const newHome = async () => {
    const made = await homeOf(elsewhere);
    closing.push(() => made.close());
    return made;
  };
  /** The template's stack with this text as the guest's file, on a state that began with its import. */
  const importing = async (text: string) => {
    const live = new Set([`${elsewhere.node}/${guest().vmid}`]);
    const files = { ...noGuests(elsewhere), [file]: text };
    return stackAt(root, { ...elsewhere, live }, { files, timeout: 600 });
  };
  const merged = async (branch: string, files: Files) => {
    const number = await agreed(home, branch, files);
    return { number, said: await home.run(), comments: await home.comments(number) };
  };

  beforeAll(async () => {
    const opened = await openElsewhere();
    elsewhere = opened.elsewhere;
    closing.push(() => opened.end());
    client = clientOf(elsewhere);
    await demandFree(client, elsewhere.vmids);
    before = await others();
    home = await newHome();
    closing.push(() => cleanUp(client, elsewhere, name));
  }, patience);

  // The guest goes first, the stand-in that it is on last; what fails does not keep the rest from going.
  afterAll(async () => {
    const ends = [];
    for (const close of closing.toReversed()) ends.push(...(await Promise.allSettled([close()])));
    for (const one of ends) if (one.status === 'rejected') throw one.reason;
  }, patience);

  it('is planned as one creation, merged, made exactly as planned, and verified', async () => {
    const number = await home.propose('make', { [file]: guestFile(elsewhere, name, 512) });
    await home.plan(number);
    expect(await planOf(home, number)).toContain('**Terraform**, stack guests: 1 to create.');
    await home.merge(number);
    const size = 'cores 1, disk 4 GiB, memory 512 MiB, swap 256 MiB';
    expect(await home.run()).toEqual([
      `#${number} applied: ${name} created with ${size}`,
      `#${number} verified: ${name} runs with ${size}`,
    ]);
    expect(await live()).toMatchObject({ name, status: 'running', running: { memory: 512, cores: 1, swap: 256 } });
    expect((await tasks()).join('\n')).toContain('vzcreate');
  });

  it('keeps these tests from starting again while it is there', async () => {
    await expect(demandFree(client, elsewhere.vmids)).rejects.toThrow(`refused: ${guest().vmid} of`);
  });

  it('takes new memory while it runs, and Terraform then has nothing to do', async () => {
    const earlier = await tasks();
    const { said, comments } = await merged('more', { [file]: set('memory', 768) });
    expect(said.at(-1)).toMatch(/verified: gitmend-test-\w+ runs with memory 768 MiB$/);
    expect(comments.map(({ body }) => body).join('\n')).not.toContain('Note:');
    expect(await live()).toMatchObject({ status: 'running', running: { memory: 768 }, pending: {} });
    expect(await tasks()).toEqual(earlier);
  });

  it('is imported into a repository that does not have it: no change at once, and none after the first apply', async () => {
    const other = await newHome();
    const truth = await readTruth(other.read);
    const [cluster] = truth.rules.config?.clusters ?? [];
    if (cluster === undefined) throw new Error('the repository names no cluster');
    const found = await findGuests(client);
    const own = { guests: found.guests.filter((one) => one.name === name), leftOut: [] };
    const { imported, gate, differing } = await gated({
      ...{ ground: other.read, truth, cluster, wanted: true },
      context: { env: other.lab.env.read, clock: other.clock, print: () => {}, warn: () => {}, exit: () => {} },
      importing: {
        ...{ tree: truth.head.tree, cluster: cluster.name, declared: [], found: own, missing: new Map() },
        ...{ removeGone: false, template: new Map() },
      },
    });
    expect([gate, differing]).toEqual(['Terraform plans the import of 1 guests without a change.', []]);
    const number = await agreed(other, 'import', Object.fromEntries(imported.edits));
    await other.run();
    expect(await other.record(number)).toMatchObject({ outcome: 'verified', steps: [] });
    expect((await driftPass(other.read)).lines.filter(({ text }) => text.includes(name))).toEqual([]);
    const { terraform, paths } = await importing(imported.edits.get(file) ?? '');
    await terraform.init();
    const first = await terraform.plan([]);
    expect(first.changes).toMatchObject([{ kind: 'no-op', importedFrom: `${elsewhere.node}/${guest().vmid}` }]);
    await terraform.apply(paths.planFile);
    const second = await terraform.plan([]);
    expect([second.changes, second.unchanged, second.drift]).toEqual([[], 1, []]);
  });

  it('that somebody changed is accepted as it is, and nothing is written', async () => {
    await driftPass(home.read);
    await meddle(client, elsewhere.node, guest().vmid, { memory: 640, grow: true });
    const earlier = await tasks();
    const pr = await proposedDrift(home);
    expect(pr.title).toMatch(/^gitmend-test-\w+: accept memory 640 MiB, disk\.size 5 GiB as it is on /);
    expect(await planOf(home, pr.number)).toContain('**Merging makes the declaration catch up with what is live.**');
    await home.merge(pr.number);
    await home.run();
    expect(await home.record(pr.number)).toMatchObject({ outcome: 'verified', steps: [] });
    expect(await tasks()).toEqual(earlier);
    expect(await live()).toMatchObject({ running: { memory: 640 } });
  });

  it('is restored instead, and then neither drift nor Terraform sees anything left', async () => {
    await meddle(client, elsewhere.node, guest().vmid, { memory: 896 });
    const accepting = await proposedDrift(home);
    const number = await restoring(home, `home/lxc/${guest().vmid}`);
    await home.plan(number);
    await home.merge(number);
    expect((await home.run()).at(-1)).toMatch(/verified: gitmend-test-\w+ runs with memory 640 MiB$/);
    expect(await live()).toMatchObject({ status: 'running', running: { memory: 640 }, pending: {} });
    expect((await home.lab.forge.pullRequest(accepting.number)).state).toBe('closed');
    expect((await driftPass(home.read)).lines.filter(({ text }) => text.includes(name))).toEqual([]);
    const { terraform } = await importing(guestFile(elsewhere, name, 640).replace('size: 4', 'size: 5'));
    expect((await terraform.plan([container(name)])).changes).toEqual([]);
  });

  it('is neither made anew nor destroyed by a pull request about something else, nor without a fresh backup', async () => {
    expect(await refused(home, guestHas(name, 'unprivileged', 'false'))).toMatch(
      /^terraform-refused: .*would be destroyed and made anew because unprivileged true → false cannot be changed in place/,
    );
    expect(await refused(home, without(name))).toMatch(/^guest-in-code: the stacks would not declare gitmend-test-/);
    expect(await refused(home, { [file]: null })).toMatch(/^target-not-ready: gitmend-test-\w+ is running/);
    await stop(client, elsewhere.node, guest().vmid);
    expect(await refused(home, { [file]: null })).toMatch(/^no-backup: no backup of gitmend-test-/);
    expect(await live()).toMatchObject({ name, status: 'stopped' });
  });

  it('is destroyed with its backup, Terraform finds it gone, and every other guest is still there', async () => {
    const backup = await backUp(client, elsewhere, guest().vmid);
    closing.push(() => removeArchive(client, elsewhere, guest().vmid, backup));
    const { number, said } = await merged('gone', { [file]: null });
    expect(said).toEqual([`#${number} applied: ${name} destroyed`, `#${number} verified: ${name} is gone`]);
    const { terraform } = await importing(guestFile(elsewhere, name, 640).replace('size: 4', 'size: 5'));
    expect((await terraform.plan([container(name)])).changes).toMatchObject([{ kind: 'create' }]);
    expect(await others()).toEqual(expect.arrayContaining(before));
  });
});
