import { expect, it, onTestFinished } from 'vitest';
import { isoTime } from '../../src/core/clock.ts';
import type { RunRecord } from '../../src/core/run.ts';
import { appendRecord } from '../../src/ledger/records.ts';
import { runnerPass } from '../../src/pipeline/deliver.ts';
import { type AnsibleLab, ansibleLab, allVars, ansibleOn, playbook, reach, zone } from '../support/ansible-hosts.ts';
import { cli } from '../support/deliver-cli.ts';
import type { DeliverLabOptions, Files } from '../support/deliver-lab.ts';
import { openAs } from '../support/in-process.ts';
import { computer } from '../support/machines.ts';
import { Killed, mortal } from '../support/points.ts';

const zurich: Files = { [allVars]: zone('Europe/Zurich') };

async function opened(options: DeliverLabOptions = {}): Promise<AnsibleLab> {
  const lab = await ansibleLab(options);
  onTestFinished(async () => expect(await lab.close()).toEqual([]));
  await lab.pass();
  return lab;
}

/** A pull request that is planned, seen, and merged. */
async function merged(lab: AnsibleLab, branch: string, files: Files): Promise<number> {
  const number = await planned(lab, branch, files);
  lab.clock.advance(120_000);
  await lab.merge(number);
  return number;
}

async function planned(lab: AnsibleLab, branch: string, files: Files): Promise<number> {
  const number = await lab.propose(branch, files);
  await lab.plan(number);
  return number;
}

/** A runner that is killed at this point; the next one runs on the same machine. */
async function killed(lab: AnsibleLab, point: string): Promise<void> {
  const here = computer();
  const first = await openAs(lab.lab, 'write', here);
  delete first.synthesize;
  reach(first, 'write', lab.hosts, lab);
  await expect(runnerPass(mortal(first, (now) => now === point))).rejects.toThrow(Killed);
  here.kill(first.machine);
  lab.write.machine = here.process();
}

const plan = async (lab: AnsibleLab, number: number) => (await lab.comments(number))[0]?.body ?? '';

it('a change of variables is shown by host, applied on exactly these hosts, and verified by a second check', async () => {
  const lab = await opened();
  lab.hosts.zones.set('gitea', 'Europe/Zurich');
  const number = await planned(lab, 'zone', zurich);
  expect(await plan(lab, number)).toContain(
    '| 1 | site (ansible/playbooks/site.yaml) | on frigate, nextcloud and postgres: 3 tasks change | Ansible | a revert, with a plan of its own |',
  );
  expect(await plan(lab, number)).toContain('-Etc/UTC\n+Europe/Zurich');
  expect(lab.hosts.applied).toEqual([]);
  lab.clock.advance(120_000);
  await lab.merge(number);
  expect(await lab.run()).toEqual([
    '#1 applied: site on frigate, nextcloud and postgres',
    '#1 verified: a second check of site changes nothing',
  ]);
  expect(lab.hosts.applied).toEqual(['frigate', 'nextcloud', 'postgres'].map((host) => `${playbook} ${host}`));
  expect(await lab.record(number)).toMatchObject({
    outcome: 'verified',
    target: 'ansible/site',
    steps: [{ action: `ansible-playbook ${playbook}`, after: { changes: 3, unpredicted: 0 }, undo: 'irreversible' }],
    applied: { fields: {}, areas: ['ansible'] },
  });
  expect(await lab.pass()).toMatchObject({ events: [], waiting: [] });
});

it('a host that was changed by hand in between stops it before any effect, with what would happen now', async () => {
  const lab = await opened();
  const number = await merged(lab, 'zone', zurich);
  lab.hosts.zones.set('postgres', 'Asia/Tokyo');
  expect((await lab.run())[0]).toBe(
    `#${number} not-applied (stale): ${playbook} would now do something else than was shown: on postgres it changes The zone`,
  );
  expect(lab.hosts.applied).toEqual([]);
  const { out } = await cli({ directory: lab.lab.clone, clock: lab.clock, env: lab.lab.env.read }, 'status');
  expect(out).toMatch(/unapproved {2}ansible\/ \(applied: [0-9a-f]{7}\): ansible\/group_vars\/all\.yaml; bring these/);
  // It goes on by going back first, as gitmend proposes it, and then again.
  const back = (await lab.open()).get('undo');
  expect(back?.title).toBe(`ansible: take back #${number}`);
  await lab.plan(back?.number ?? 0);
  expect(await plan(lab, back?.number ?? 0)).toContain('on postgres: 1 task changes');
  lab.clock.advance(120_000);
  await lab.merge(back?.number ?? 0);
  await lab.run();
  expect(lab.hosts.zones.get('postgres')).toBe('Etc/UTC');
  const again = await merged(lab, 'again', zurich);
  expect((await lab.run()).at(-1)).toBe(`#${again} verified: a second check of site changes nothing`);
});

it('another ansible-core than the plan was made with is named', async () => {
  const lab = await opened();
  await merged(lab, 'zone', zurich);
  lab.hosts.core = '2.19.0';
  expect((await lab.run())[0]).toContain(
    `(stale): ansible-core is 2.19.0 here, and the plan of ${playbook} was made with 2.14.18`,
  );
});

it('a host that does not answer refuses the plan, and holds a run back until it does', async () => {
  const lab = await opened();
  lab.hosts.down.add('gitea');
  const first = await planned(lab, 'zone', zurich);
  expect(await plan(lab, first)).toContain('**Refused** (`ansible-unreachable`)');
  lab.hosts.down.clear();
  lab.clock.advance(10 * 60_000);
  await lab.plan(first);
  lab.clock.advance(120_000);
  await lab.merge(first);
  lab.hosts.down.add('gitea');
  const { waiting, failed } = await lab.pass();
  expect(waiting).toEqual([`#1: ANSIBLE_UNREACHABLE: ${playbook} does not reach gitea (no route to host)`]);
  expect(failed).toMatchObject([{ code: 'ANSIBLE_UNREACHABLE' }]);
  expect(lab.hosts.applied).toEqual([]);
  lab.hosts.down.clear();
  expect((await lab.run()).at(-1)).toBe('#1 verified: a second check of site changes nothing');
});

it('what runs is not run before it was merged: alone it touches no host, with variables it is refused', async () => {
  const lab = await opened();
  const code: Files = { [playbook]: (text) => `${text}# more\n` };
  const both = await planned(lab, 'both', { ...zurich, ...code });
  expect(await plan(lab, both)).toContain('**Refused** (`unsupported-change`): ansible/playbooks/site.yaml would run');
  expect(lab.hosts.checks).toBe(0);
  const alone = await planned(lab, 'code', code);
  expect(await plan(lab, alone)).toContain(
    'What Ansible runs changes and was not run here: ansible/playbooks/site.yaml',
  );
  expect(await plan(lab, alone)).toContain('Policy *playbooks*: one approval');
  expect(lab.hosts.checks).toBe(0);
  await lab.merge(alone);
  expect(await lab.run()).toEqual([
    expect.stringMatching(/^#2 applied: no step/),
    expect.stringMatching(/^#2 verified/),
  ]);
  await merged(lab, 'zone', zurich);
  expect((await lab.run()).at(-1)).toBe('#3 verified: a second check of site changes nothing');
});

it('a playbook that somebody pushed past everybody runs for nobody, until it is brought back', async () => {
  const lab = await opened();
  const before = await lab.push('main', { [playbook]: (text) => `${text}# by hand\n` });
  await lab.pass();
  const number = await planned(lab, 'zone', zurich);
  expect(await plan(lab, number)).toContain(
    '**Refused** (`base-unapproved`): ansible/playbooks/site.yaml on the default branch was never applied',
  );
  expect([...lab.hosts.ran].filter((text) => text.includes('# by hand'))).toEqual([]);
  const { out, code } = await cli({ directory: lab.lab.clone, clock: lab.clock, env: lab.lab.env.read }, 'status');
  expect([out.includes('unapproved  ansible/'), code]).toEqual([true, 1]);
  await merged(lab, 'back', { [playbook]: (text) => text.replace('# by hand\n', '') });
  await lab.run();
  expect((await lab.pass()).truth.applied.areas?.ansible).not.toBe(before);
  await lab.plan(number);
  expect(await plan(lab, number)).toContain('| 1 | site');
});

it('two merges of one area wait for each other', async () => {
  const lab = await opened();
  await merged(lab, 'zone', zurich);
  const second = await lab.propose('more', { 'ansible/group_vars/databases.yaml': (text) => `${text}# more\n` });
  expect((await lab.plan(second)).get(second)).toEqual({
    state: 'waiting',
    why: '#1 changes ansible/ too and is not applied yet',
  });
  await lab.run();
  expect((await lab.plan(second)).get(second)).toMatchObject({ state: 'shown' });
});

it('a repository that switches Ansible on later is taken as it is then, and the pointer is rebuilt with it', async () => {
  const lab = await opened({ begin: {} });
  await lab.push('main', zurich);
  await lab.pass();
  const quiet = await planned(lab, 'quiet', { 'ansible/group_vars/databases.yaml': (text) => `${text}# more\n` });
  expect(await plan(lab, quiet)).toContain('Nothing is applied from: ansible/group_vars/databases.yaml');
  const on = await merged(lab, 'on', { 'gitmend.yaml': ansibleOn });
  await lab.run();
  const merge = (await lab.record(on))?.applied?.merge;
  expect(await lab.record(on)).toMatchObject({ applied: { rules: true, areas: ['ansible'] } });
  expect((await lab.pass()).truth.applied.areas).toEqual({ ansible: merge });
  await lab.pusher.fetch();
  const tip = (await lab.pusher.tip('refs/gitmend/applied')) ?? '';
  await lab.pusher.push([{ ref: 'refs/gitmend/applied', from: tip, to: null }]);
  expect((await lab.pass()).truth.applied.areas).toEqual({ ansible: merge });
  await lab.plan(quiet);
  expect(await plan(lab, quiet)).toContain('on frigate, gitea, nextcloud and postgres');
});

it('a runner that is killed behind the effect finds it done, and one before it begins again', async () => {
  for (const point of ['after applier.apply', 'before applier.apply']) {
    const lab = await opened();
    await merged(lab, 'zone', zurich);
    await killed(lab, point);
    expect((await lab.run()).at(-1)).toBe('#1 verified: a second check of site changes nothing');
    expect(lab.hosts.applied).toHaveLength(4);
  }
});

it('a run that was killed half-way is for a person', async () => {
  const lab = await opened();
  await merged(lab, 'zone', zurich);
  await killed(lab, 'before applier.apply');
  lab.hosts.zones.set('frigate', 'Europe/Zurich');
  expect((await lab.run())[0]).toMatch(/^#1 unknown: site would now do something else than was shown: gitea: The zone/);
  expect(lab.hosts.applied).toEqual([]);
  expect((await lab.record(1))?.applied).toBeUndefined();
});

it('a run that ended half-way, of a playbook that goes by which hosts there are, is for a person and waits for nobody', async () => {
  const begin: Files = { 'gitmend.yaml': ansibleOn, [playbook]: (text) => `${text}# run_once\n` };
  const lab = await opened({ begin });
  lab.hosts.alone = true;
  await merged(lab, 'zone', zurich);
  await killed(lab, 'before applier.apply');
  lab.hosts.zones.set('frigate', 'Europe/Zurich');
  expect((await lab.run())[0]).toMatch(/^#1 unknown: site would now do something else/);
  const again = (await lab.open()).get('undo')?.number ?? 0;
  await lab.plan(again);
  expect(await plan(lab, again)).toMatch(/ansible-refused|on frigate/);
});

it('of such a playbook nothing is begun where it may not be run as it is now', async () => {
  const begin: Files = { 'gitmend.yaml': ansibleOn, [playbook]: (text) => `${text}# run_once\n` };
  const lab = await opened({ begin });
  lab.hosts.alone = true;
  await merged(lab, 'zone', zurich);
  lab.hosts.zones.set('frigate', 'Europe/Zurich');
  expect((await lab.run())[0]).toMatch(/^#1 not-applied \(refused\): .*an apply reaches only these/);
  expect(lab.hosts.applied).toEqual([]);
});

it('what nobody can predict runs once, and is named as not seen', async () => {
  const lab = await opened();
  lab.hosts.blind.add('postgres');
  const number = await planned(lab, 'blind', { 'ansible/group_vars/databases.yaml': (text) => `${text}# more\n` });
  expect(await plan(lab, number)).toContain('on postgres: **1 task runs unpredicted**');
  lab.clock.advance(120_000);
  await lab.merge(number);
  expect(await lab.run()).toHaveLength(2);
  expect(lab.hosts.applied).toEqual([`${playbook} postgres`]);
  expect(await lab.record(number)).toMatchObject({ verification: { notObserved: ['what Sync did on postgres'] } });
  const again = await merged(lab, 'again', { 'ansible/group_vars/databases.yaml': (text) => `${text}# again\n` });
  await killed(lab, 'after applier.apply');
  expect((await lab.run())[0]).toMatch(new RegExp(`^#${again} unknown: site may have run, and nothing can tell`));
  expect(lab.hosts.applied).toHaveLength(2);
});

it('a host that fails in the run is for a person where something was done, and not applied where nothing was', async () => {
  const lab = await opened();
  await merged(lab, 'zone', zurich);
  for (const host of lab.hosts.zones.keys()) lab.hosts.failing.add(host);
  expect((await lab.run())[0]).toMatch(/^#1 not-applied \(refused\): .*no space left on device/);
  lab.hosts.failing.clear();
  await merged(lab, 'back', { [allVars]: zone('Etc/UTC') });
  await lab.run();
  const again = await merged(lab, 'again', zurich);
  lab.hosts.failing.add('postgres');
  const [unknown = ''] = await lab.run();
  expect(unknown).toMatch(/unknown: site would now do something else .*no space left on device/);
  expect(unknown).toContain(`#${again} `);
});

it('a host that is lost in the run is asked again, and what a check finds when it answers settles it', async () => {
  for (const [lost, ending] of [
    ['after', /^#1 verified: a second check of site changes nothing$/],
    ['before', /^#1 unknown: site would now do something else than was shown: gitea: The zone$/],
  ] as const) {
    const lab = await opened();
    await merged(lab, 'zone', zurich);
    lab.hosts.lost.set('gitea', lost);
    const { waiting, events } = await lab.pass();
    expect([waiting, events]).toEqual([
      [`#1: ANSIBLE_UNREACHABLE: ${playbook} does not reach gitea (no route to host)`],
      [],
    ]);
    lab.clock.advance(59 * 60_000);
    expect((await lab.pass()).events).toEqual([]);
    lab.hosts.lost.clear();
    lab.hosts.down.clear();
    expect((await lab.run()).filter((line) => ending.test(line))).toHaveLength(1);
    // What was sent is not sent again.
    expect(lab.hosts.applied).toHaveLength(4);
    if (lost === 'after') continue;
    const said = (await lab.comments(1)).map(({ body }) => body).join('\n');
    expect(said).toContain('whose check shows host by host what is left: merge it, then propose the change again');
    expect((await lab.open()).get('undo')?.title).toBe('ansible: take back #1');
  }
});

it('a host that stays away ends the run by name: unknown where something was sent, not applied where nothing was', async () => {
  const lab = await opened();
  await merged(lab, 'zone', zurich);
  lab.hosts.lost.set('gitea', 'before');
  await lab.pass();
  lab.clock.advance(60 * 60_000);
  expect((await lab.pass()).events[0]).toMatch(
    /^#1 unknown: ANSIBLE_UNREACHABLE: .*gitea \(no route to host\), .* for 60 minutes; what was sent may be done in part$/,
  );
  expect((await lab.pass()).waiting).toEqual([]);
  const other = await opened();
  await merged(other, 'zone', zurich);
  other.hosts.down.add('gitea');
  await other.pass();
  other.clock.advance(60 * 60_000);
  expect((await other.pass()).events[0]).toMatch(
    /^#1 not-applied \(refused\): ANSIBLE_UNREACHABLE: .*; nothing was sent$/,
  );
  expect(other.hosts.applied).toEqual([]);
});

it('a handler that fails behind a change that was made is for a person, though a check finds nothing left', async () => {
  const lab = await opened();
  lab.hosts.restarting.add('postgres');
  const number = await planned(lab, 'zone', zurich);
  expect(await plan(lab, number)).toContain('Restart');
  lab.clock.advance(120_000);
  await lab.merge(number);
  lab.hosts.stuck.add('postgres');
  expect((await lab.run())[0]).toMatch(/^#1 unknown: .*the unit failed.*handlers/);
  expect((await lab.record(number))?.applied).toBeUndefined();
});

it('a run that was killed where a handler or an unpredicted task may be left to run is for a person', async () => {
  for (const left of ['restarting', 'blind'] as const) {
    const lab = await opened();
    lab.hosts[left].add('postgres');
    await merged(lab, 'zone', zurich);
    await killed(lab, 'after applier.apply');
    expect((await lab.run())[0]).toMatch(/^#1 unknown: .*nothing left to change.*handlers/);
    expect(lab.hosts.applied).toHaveLength(4);
  }
});

it('what somebody did by hand leaves undone what nobody can predict: nothing is called applied', async () => {
  const lab = await opened();
  lab.hosts.blind.add('postgres');
  await merged(lab, 'zone', zurich);
  for (const host of lab.hosts.zones.keys()) lab.hosts.zones.set(host, 'Europe/Zurich');
  expect((await lab.run())[0]).toMatch(/^#1 not-applied \(stale\)/);
  expect(lab.hosts.applied).toEqual([]);
});

it('policies see the hosts of a playbook, and what the guests of these names are', async () => {
  const strict = `version: 1
rules:
  - { name: databases need two, when: { step: run-playbook, target: { hosts: [postgres] } }, level: approve-2 }
`;
  const begin: Files = {
    'gitmend.yaml': (text) => ansibleOn(text).replace('[maintainer]', '[maintainer, ann, ben]'),
    // Files are read in the order of their names, and the first rule that matches decides.
    'policies/databases.yaml': strict,
  };
  const lab = await opened({ begin });
  for (const host of ['frigate', 'nextcloud', 'postgres']) lab.hosts.zones.set(host, 'Europe/Zurich');
  const one = await planned(lab, 'one', zurich);
  expect(await plan(lab, one)).toContain('Policy *playbooks*: one approval');
  lab.hosts.zones.set('postgres', 'Etc/UTC');
  lab.clock.advance(10 * 60_000);
  await lab.plan(one);
  expect(await plan(lab, one)).toContain('Policy *databases need two*: 2 approvals');
  const code = await planned(lab, 'code', { [playbook]: (text) => `${text}# more\n` });
  expect(await plan(lab, code)).toContain('Policy *databases need two*: 2 approvals');
});

it('a mild rule about one host, or one tag, lets no other host through with it', async () => {
  const mild = `version: 1
rules:
  - { name: try it here, when: { step: run-playbook, target: { hosts: [frigate] } }, level: auto }
  - { name: strict, when: { step: run-playbook }, level: approve-2 }
`;
  const begin: Files = {
    'gitmend.yaml': (text) => ansibleOn(text).replace('[maintainer]', '[maintainer, ann, ben]'),
    'policies/ansible.yaml': mild,
  };
  const lab = await opened({ begin });
  const one = await planned(lab, 'one', zurich);
  expect(await plan(lab, one)).toContain('Policy *strict*: 2 approvals');
  for (const host of ['gitea', 'nextcloud', 'postgres']) lab.hosts.zones.set(host, 'Europe/Zurich');
  lab.clock.advance(10 * 60_000);
  await lab.plan(one);
  expect(await plan(lab, one)).toContain('Policy *try it here*');
});

it('a host counts as whoever answers at its address, and one that nobody approved as anybody', async () => {
  const strict = `version: 1
rules:
  - { name: databases need two, when: { step: run-playbook, target: { hosts: [postgres] } }, level: approve-2 }
`;
  const begin: Files = {
    'gitmend.yaml': (text) => ansibleOn(text).replace('[maintainer]', '[maintainer, ann, ben]'),
    'policies/databases.yaml': strict,
  };
  const lab = await opened({ begin });
  const asked = async (branch: string, address: string) => {
    for (const host of lab.hosts.zones.keys()) lab.hosts.zones.set(host, 'Europe/Zurich');
    lab.hosts.zones.set('harmless', 'Etc/UTC');
    lab.hosts.at.set('harmless', address);
    const number = await planned(lab, branch, {
      ...{
        'ansible/inventory.yaml': (text) =>
          `${text}    more:\n      hosts:\n        harmless: { ansible_host: ${address} }\n`,
      },
      ...zurich,
    });
    return plan(lab, number);
  };
  const alias = await asked('alias', '192.168.1.20');
  expect(alias).toContain('Policy *databases need two*: 2 approvals');
  expect(alias).toContain(
    'harmless is reached at 192.168.1.20, where postgres is: the rules about postgres count for it',
  );
  const fresh = await asked('fresh', '10.9.9.9');
  expect(fresh).toContain('Policy *databases need two*: 2 approvals');
  expect(fresh).toContain('harmless at 10.9.9.9 was not approved before, so the strictest rule about playbooks counts');
  lab.hosts.zones.set('gitea', 'Etc/UTC');
  lab.hosts.zones.delete('harmless');
  expect(await plan(lab, await planned(lab, 'known', zurich))).toContain('Policy *playbooks*: one approval');
});

it('proposes the way back of a run that ended half-way and of one that did not help, once, with what it does not undo', async () => {
  const lab = await opened();
  lab.hosts.zones.set('new', 'Etc/UTC');
  lab.hosts.at.set('new', '192.168.1.99');
  const inventory = (text: string) => `${text}    more:\n      hosts:\n        new: { ansible_host: 192.168.1.99 }\n`;
  await merged(lab, 'zone', { ...zurich, 'ansible/inventory.yaml': inventory });
  await killed(lab, 'before applier.apply');
  lab.hosts.zones.set('frigate', 'Europe/Zurich');
  expect(await lab.run()).toEqual([expect.stringMatching(/^#1 unknown/), 'way out: take ansible/ back (#2)']);
  const [undo] = [(await lab.open()).get('undo')];
  expect(undo?.body).toContain('Merging makes `ansible/group_vars/all.yaml` and `ansible/inventory.yaml` say again');
  expect(undo?.body).toContain('new leaves the inventory, so whatever was done there stays as it is');
  expect(undo?.body).toContain('A handler that was not reached (a restart)');
  expect((await lab.pass()).events).toEqual(['way out: take ansible/ back (#2)']);
  expect([...(await lab.open()).keys()]).toEqual(['undo']);
  lab.hosts.zones.delete('new');
  await lab.plan(2);
  lab.clock.advance(120_000);
  await lab.merge(2);
  expect((await lab.run()).at(-1)).toBe('#2 verified: a second check of site changes nothing');
  expect(lab.hosts.zones.get('frigate')).toBe('Etc/UTC');
  const third = await merged(lab, 'again', zurich);
  lab.hosts.drifting = true;
  expect((await lab.run()).at(-1)).toMatch(/^#3 not-verified: a second check of site would still change/);
  expect(third).toBe(3);
  const revert = (await lab.open()).get('revert');
  expect(revert?.title).toBe('ansible: take back #3');
  expect(await lab.record(3)).toMatchObject({ wayBack: { pullRequest: revert?.number } });
  lab.hosts.drifting = false;
  await lab.plan(revert?.number ?? 0);
  expect(await plan(lab, revert?.number ?? 0)).toContain('+Etc/UTC');
});

it('somebody pushed past everybody: the way back is proposed, and closed where they took it back themselves', async () => {
  const lab = await opened();
  await lab.push('main', zurich);
  expect((await lab.pass()).events).toEqual(['way out: take ansible/ back (#1)']);
  expect((await lab.open()).get('undo')?.title).toMatch(/^ansible: take back commit [0-9a-f]{7}$/);
  await lab.push('main', { [allVars]: zone('Etc/UTC') });
  await lab.pass();
  expect([...(await lab.open()).keys()]).toEqual([]);
});

it('as a record nothing moves an area that its merge did not change, or on top of what somebody pushed', async () => {
  for (const files of [{ 'README.md': 'x' }, zurich]) {
    const lab = await opened();
    await lab.push('main', { [playbook]: (text) => `${text}# by hand\n` });
    const number = await merged(lab, 'words', files);
    const { mergeCommit: merge = '', head, title } = await lab.lab.forge.pullRequest(number);
    await lab.pusher.fetch();
    const record: RunRecord = {
      ...{ version: 1, run: 'f'.repeat(40), outcome: 'verified', at: isoTime(lab.clock.now()) },
      pullRequest: { number, head, merge, approvedBy: ['maintainer'], mergedBy: 'maintainer', title },
      applied: { merge, fields: {}, areas: ['ansible'] },
    };
    await appendRecord(lab.pusher, record, { at: lab.clock.now() });
    await expect(lab.pass()).rejects.toThrow(
      files === zurich
        ? /was applied, and ansible\/playbooks\/site.yaml on the default branch was never applied/
        : /moved ansible\/, which it did not change/,
    );
    expect(lab.hosts.checks).toBe(0);
  }
});

it('hosts that are only added, and do not answer yet, hold nothing up: they are named, and nothing runs there', async () => {
  const lab = await opened();
  for (const host of ['wiki', 'board']) lab.hosts.zones.set(host, 'Europe/Zurich');
  lab.hosts.down.add('wiki');
  const inventory: Files = {
    'ansible/inventory.yaml': (text) =>
      text.replace(
        'all:\n',
        'all:\n  hosts:\n    wiki: { ansible_host: 192.168.1.30 }\n    board: { ansible_host: 192.168.1.31 }\n',
      ),
  };
  const number = await planned(lab, 'hosts', inventory);
  const comment = await plan(lab, number);
  expect(comment).toContain('**wiki does not answer, and is not checked**: nothing runs there by this merge');
  expect(comment).toContain('| 1 | site (ansible/playbooks/site.yaml) | on board: 1 task changes |');
  // It answers by the time of the run, and was approved to be left alone.
  lab.hosts.down.clear();
  lab.clock.advance(120_000);
  await lab.merge(number);
  expect((await lab.run()).at(-1)).toBe(`#${number} verified: a second check of site changes nothing`);
  expect(lab.hosts.applied).toEqual([`${playbook} board`]);
  // The next change of a variable is checked on it.
  lab.hosts.down.add('wiki');
  const next = await planned(lab, 'zone', zurich);
  expect(await plan(lab, next)).toContain('**Refused** (`ansible-unreachable`)');
});
