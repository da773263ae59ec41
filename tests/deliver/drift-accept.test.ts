import { describe, expect, it, onTestFinished } from 'vitest';
import { isRefusal, type Refusal } from '../../src/core/change-set.ts';
import { isoTime } from '../../src/core/clock.ts';
import { openRestore, type Restoring } from '../../src/deliver/restore.ts';
import { readTruth } from '../../src/deliver/truth.ts';
import { planOf, showsPlan, writesIn } from '../terraform/real/deliver-lab.ts';
import { type DriftLab, driftLab, minutes, withRules } from './drift-setting.ts';

describe('a guest that is elsewhere, or otherwise than a size', () => {
  it('that high availability moved is one pull request that says so, and its merge moves nothing', async () => {
    const lab = await ready();
    Object.assign(guest(lab, 203), { node: 'pve2', ha: { seconds: 10 } });
    const pr = await proposed(lab);
    expect(pr.title).toBe('homeassistant: accept that it is on pve2');
    expect(pr.body).toContain('| node | pve2 | pve1 |');
    expect(pr.body).toMatch(
      /Its high availability \(HA\) decides where it runs.*`drift: \{ ignore: \['qemu\/203:node'\] \}`/,
    );
    expect(await fileOf(lab, pr.head, 'homeassistant')).toContain('\nnode: pve2\n');
    expect(await planOf(lab, pr.number)).toContain('Merging makes the declaration catch up with what is live.');
    await accepted(lab, pr.number);
    expect(writesIn(lab)).toEqual([]);
    expect(await lab.look()).toEqual(['no drift: what is live is as declared']);
  });

  it('has its disk, its network, its protection and whether it runs accepted in one', async () => {
    const lab = await kept();
    const { config } = guest(lab, 201);
    expect(await lab.look()).toEqual(['no drift: what is live is as declared']);
    delete config['protection'];
    config['rootfs'] = String(config['rootfs']).replace('size=64G', 'size=72G');
    config['net0'] = 'name=eth0,bridge=vmbr1,hwaddr=BC:24:11:00:02:01,ip=dhcp,type=veth';
    guest(lab, 201).status = 'stopped';
    const pr = await proposed(lab);
    expect(pr.title).toBe(
      'nextcloud: accept disk.size 72 GiB, network.bridge vmbr1, network.address none, network.gateway none, started false, protection false as it is on pve1',
    );
    expect(pr.body).toContain('A disk only grows: that it is 72 GiB can be accepted alone.');
    const file = await fileOf(lab, pr.head, 'nextcloud');
    expect(file).toContain('disk: { storage: local-lvm, size: 72 }      # GiB\nnetwork: { bridge: vmbr1 }\n');
    expect(file).toContain('\nstarted: false\nprotection: false\n');
    expect(await planOf(lab, pr.number)).toContain('Merging makes the declaration catch up with what is live.');
    await accepted(lab, pr.number);
    expect(writesIn(lab)).toEqual([]);
  });

  it('is not proposed where gitmend.yaml lets it float', async () => {
    const lab = await ready(withRules('drift: { ignore: [network, qemu/203:node] }'));
    guest(lab, 203).node = 'pve2';
    guest(lab, 201).config['net0'] = 'name=eth0,bridge=vmbr1,ip=dhcp';
    expect([await lab.look(), await lab.look()].flat()).toEqual([
      'no drift: what is live is as declared',
      'no drift: what is live is as declared',
    ]);
  });
});

describe('what is declared, restored', () => {
  it('moves a guest back to the node of its file, once, and closes the other way', async () => {
    const lab = await ready();
    guest(lab, 203).node = 'pve2';
    const accepting = await proposed(lab);
    const { pullRequest } = expectOpened(await restore(lab, 'qemu/203'));
    expect(pullRequest.title).toBe('homeassistant: restore node pve1 as declared');
    await lab.plan(pullRequest.number);
    await showsPlan(lab, pullRequest.number, 'golden/drift-restore.md');
    lab.clock.advance(2 * minutes);
    await lab.merge(pullRequest.number);
    const said = await lab.run();
    expect(said.at(-1)).toBe(`#${pullRequest.number} verified: homeassistant runs with node pve1`);
    expect(guest(lab, 203).node).toBe('pve1');
    expect((await lab.lab.forge.pullRequest(accepting.number)).state).toBe('closed');
    expect(await lab.look()).toEqual(['no drift: what is live is as declared']);
  });

  it('starts what was stopped and protects it again, with its memory, in one', async () => {
    const lab = await kept();
    Object.assign(guest(lab, 201).config, { memory: 2048, protection: 0 });
    guest(lab, 201).status = 'stopped';
    const { pullRequest, values } = expectOpened(await restore(lab, 'lxc/201'));
    expect(values.map(({ field }) => field)).toEqual(['memory', 'started', 'protection']);
    await lab.plan(pullRequest.number);
    await lab.merge(pullRequest.number);
    expect((await lab.run()).at(-1)).toMatch(/^#\d+ verified: nextcloud runs with memory 4096 MiB/);
    expect(guest(lab, 201)).toMatchObject({ status: 'running', config: { memory: 4096, protection: 1 } });
  });

  it('holds for the state that was seen: a guest that went on since is not touched', async () => {
    const lab = await ready();
    guest(lab, 203).node = 'pve2';
    const { pullRequest } = expectOpened(await restore(lab, 'qemu/203'));
    await lab.plan(pullRequest.number);
    guest(lab, 203).config['net0'] = 'virtio=BC:24:11:00:02:03,bridge=vmbr7';
    await lab.merge(pullRequest.number);
    expect((await lab.run())[0]).toMatch(/homeassistant is no longer as it was when operation \w+ was written/);
    expect(guest(lab, 203).node).toBe('pve2');
  });

  it('is refused before anything is opened where its plan would be, and says what can be accepted alone', async () => {
    const lab = await ready();
    guest(lab, 203).node = 'pve2';
    guest(lab, 203).config['net0'] = 'virtio=BC:24:11:00:02:03,bridge=vmbr7';
    expect(await restore(lab, 'qemu/203')).toMatchObject({
      reason: 'unsupported-change',
      message: expect.stringContaining('homeassistant changes network') as string,
      next: expect.stringMatching(
        /gitmend guest set homeassistant with some of node=pve2 network\.bridge=vmbr7/,
      ) as string,
    });
    expect(await lab.lab.forge.pullRequests({ state: 'all' })).toEqual([]);
  });
});

describe('a guest that is not there any more', () => {
  it('is one pull request that takes its file out, and its merge changes nothing', async () => {
    const lab = await ready();
    lab.lab.pve.world.guests.delete(202);
    const pr = await proposed(lab);
    expect(pr.title).toBe('frigate: accept that it is gone from home');
    expect(pr.body).toMatch(/Merging takes `guests\/frigate\.yaml` out, and changes nothing on any host/);
    await accepted(lab, pr.number);
    expect(writesIn(lab)).toEqual([]);
    expect(await lab.look()).toEqual(['no drift: what is live is as declared']);
  });

  it('that is there again is kept: the pull request is closed, and a merge before that destroys nothing', async () => {
    const lab = await ready();
    const frigate = guest(lab, 202);
    lab.lab.pve.world.guests.delete(202);
    const pr = await proposed(lab);
    lab.lab.pve.world.guests.set(202, { ...frigate, status: 'stopped' });
    await lab.merge(pr.number);
    await lab.run();
    expect(writesIn(lab)).toEqual([]);
    expect(lab.lab.pve.world.guests.has(202)).toBe(true);
  });

  it('is closed by the next look where it is there again', async () => {
    const lab = await ready();
    const frigate = guest(lab, 202);
    lab.lab.pve.world.guests.delete(202);
    const { number } = await proposed(lab);
    lab.lab.pve.world.guests.set(202, frigate);
    expect(await lab.look()).toEqual([`closed      #${number}: frigate is on pve1 again`]);
  });

  it('is not restored: which backup it comes from is a person to say', async () => {
    const lab = await ready();
    lab.lab.pve.world.guests.delete(202);
    expect(await restore(lab, 'lxc/202')).toMatchObject({
      reason: 'nothing-to-restore',
      next: 'pct restore 202 BACKUP; or accept that it is gone: gitmend import --remove-gone',
    });
  });
});

describe('a guest that no file declares', () => {
  it('is said once for all of them, with the command that declares it; templates are not', async () => {
    const lab = await ready();
    const { guests } = lab.lab.pve.world;
    const like = guest(lab, 202);
    guests.set(310, { ...like, vmid: 310, config: { ...like.config, hostname: 'wiki' } });
    guests.set(900, { ...like, vmid: 900, config: { ...like.config, hostname: 'base', template: 1 } });
    expect(await lab.look()).toEqual([
      'undeclared  wiki (lxc/310 on pve1) is in no file; gitmend import opens the pull request that declares what can be',
    ]);
  });
});

/** nextcloud is declared to run, and to be protected. */
function kept(): Promise<DriftLab> {
  const files = { 'guests/nextcloud.yaml': (text: string) => `${text}started: true\nprotection: true\n` };
  return ready(files, ({ guests }) => Object.assign(guests.get(201)?.config ?? {}, { protection: 1 }));
}

async function ready(...[begin, trouble]: Parameters<typeof driftLab>): Promise<DriftLab> {
  const lab = await driftLab({ ...withRules(''), ...begin }, trouble);
  onTestFinished(async () => {
    expect(await lab.close()).toEqual([]);
  });
  const { nodes } = lab.lab.pve.world;
  const first = nodes.get('pve1');
  if (first === undefined) throw new Error('the lab has no pve1');
  nodes.set('pve2', { ...first, name: 'pve2', address: '192.168.1.11' });
  return lab;
}

function guest(lab: DriftLab, vmid: number) {
  const found = lab.lab.pve.world.guests.get(vmid);
  if (found === undefined) throw new Error(`there is no ${vmid}`);
  return found;
}

/** The one pull request of two looks. */
async function proposed(lab: DriftLab) {
  await lab.look();
  await lab.look();
  const [pr, ...more] = await lab.drifts();
  if (pr === undefined || more.length > 0) throw new Error(`${more.length} drift pull requests beside ${pr?.title}`);
  return pr;
}

async function accepted(lab: DriftLab, number: number): Promise<void> {
  lab.clock.advance(2 * minutes);
  await lab.merge(number);
  await lab.run();
  expect(await lab.record(number)).toMatchObject({ outcome: 'verified', steps: [] });
}

async function fileOf(lab: DriftLab, head: string, name: string): Promise<string | undefined> {
  await lab.pusher.fetch();
  return (await lab.pusher.tree(head)).get(`guests/${name}.yaml`);
}

async function restore(lab: DriftLab, id: string): Promise<Restoring | Refusal> {
  const truth = await readTruth(lab.read);
  const world = { ...lab.read, ...lab.read.engines(truth.rules) };
  const target = `home/${id}`;
  const declared = truth.head.guests.get(target);
  if (declared === undefined) throw new Error(`${target} is not declared`);
  return openRestore(world, truth, target, declared, isoTime(lab.clock.now()));
}

function expectOpened(restoring: Restoring | Refusal): Restoring {
  if (isRefusal(restoring)) throw new Error(restoring.message);
  return restoring;
}
