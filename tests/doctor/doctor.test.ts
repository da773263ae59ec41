import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { homeTokens, type World } from '../../simulators/pve/index.ts';
import { registerDoctor } from '../../src/cli/doctor.ts';
import type { Finding } from '../../src/doctor/index.ts';
import { createLocalForge, openLocalForge } from '../../src/forges/local/index.ts';
import { gitIn } from '../../src/git/git.ts';
import { httpServer } from '../notify/servers.ts';
import { hasAlertmanager, startAlertmanager } from '../support/alertmanager.ts';
import { temporaryFolder } from '../support/loopback.ts';
import { hasPrometheus, startPrometheus } from '../support/prometheus.ts';
import { labTime, pveLab } from '../support/pve-lab.ts';

const template = resolve(import.meta.dirname, '../..');
const people = { read: homeTokens.read, write: homeTokens.write };

interface Lab {
  directory: string;
  env: { [name: string]: string };
  endpoint: string;
  forge: string;
}

const clock = { now: () => labTime, sleep: () => Promise.resolve() };
let made: string;

/** The template as somebody's repository, in a local forge, and a clone of it: made once. */
beforeAll(async () => {
  made = temporaryFolder('doctor-made');
  const files = join(made, 'files');
  cpSync(join(template, 'infra'), files, { recursive: true, filter: (path) => !path.includes('node_modules') });
  cpSync(join(template, 'policies'), join(files, 'policies'), { recursive: true });
  await createLocalForge({ folder: join(made, 'forge'), files: { directory: files }, by: 'maintainer', clock });
  await gitIn(made)(['clone', '--quiet', join(made, 'forge/repo.git'), 'clone']);
});
afterAll(() => rmSync(made, { recursive: true, force: true }));

/** A clone and a forge of one test's own, and a cluster that answers. */
async function lab(change: (world: World) => World = (world) => world, more = ''): Promise<Lab> {
  const pve = await pveLab({ world: change });
  const folder = temporaryFolder('doctor');
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(made, 'forge'), join(folder, 'forge'), { recursive: true });
  cpSync(join(made, 'clone'), join(folder, 'clone'), { recursive: true });
  const directory = join(folder, 'clone');
  await gitIn(directory)(['remote', 'set-url', 'origin', join(folder, 'forge/repo.git')]);
  mkdirSync(join(directory, 'certs'), { recursive: true });
  writeFileSync(join(directory, 'certs/pve-root-ca.pem'), pve.caPem);
  writeFileSync(join(directory, 'gitmend.yaml'), configuration(pve.endpoint, more));
  const env = { READ: people.read, WRITE: people.write, GITMEND_STATE: join(folder, 'state') };
  return { directory, env, endpoint: pve.endpoint, forge: join(folder, 'forge') };
}

function configuration(endpoint: string, more: string): string {
  return `version: 1
forge: { kind: local }
approvers: [maintainer]
clusters:
  - { name: home, endpoint: "${endpoint}", ca: certs/pve-root-ca.pem, read: env:READ, write: env:WRITE }
${more}`;
}

/** Runs `gitmend doctor` and returns its findings, what it prints and how it ends. */
async function doctor({ directory, env }: Lab, words: string[] = [], now = labTime) {
  const run = async (more: string[]): Promise<{ text: string; code: number }> => {
    const printed: string[] = [];
    let code = 0;
    const program = new Command()
      .exitOverride()
      .option('-C, --directory <dir>')
      .configureOutput({ writeErr: () => undefined });
    registerDoctor(program, {
      env,
      clock: { now: () => now, sleep: async () => undefined },
      print: (text) => printed.push(text),
      warn: () => undefined,
      exit: (wanted) => (code = wanted),
    });
    await program.parseAsync(['-C', directory, 'doctor', ...words, ...more], { from: 'user' });
    return { text: printed.join('\n'), code };
  };
  const { text, code } = await run(['--json']);
  const { findings } = JSON.parse(text) as { findings: Finding[] };
  return { findings, code, text: async () => (await run([])).text };
}

const onlyRead = (all: Lab): Lab => ({
  ...all,
  env: Object.fromEntries(Object.entries(all.env).filter(([name]) => name !== 'WRITE')),
});
const bad = (findings: readonly Finding[]): Finding[] => findings.filter(({ level }) => level !== 'ok');
const acl =
  (name: 'read' | 'write', entries: { [path: string]: string[] }) =>
  (world: World): World => {
    const id = homeTokens[name].split('=')[0] ?? '';
    const token = world.tokens.get(id);
    if (token !== undefined) world.tokens.set(id, { ...token, acl: entries });
    return world;
  };

describe('gitmend doctor', () => {
  it('finds nothing wrong with a lab that is well, but for what it does not observe', async () => {
    const all = onlyRead(await lab());
    const forge = await openLocalForge({
      folder: all.forge,
      as: 'maintainer',
      clock,
    });
    await forge.protect({ requiredStatuses: ['gitmend/plan', 'gitmend/policy'] });
    forge.release();
    const { findings, code, text } = await doctor(all);
    expect(bad(findings).map(({ about, what }) => `${about}: ${what}`)).toEqual([
      'prometheus: none is configured: shared memory, OOM kills and the inside of virtual machines stay unseen',
      'alertmanager: none is configured: whether an alert resolved after a fix stays unseen',
    ]);
    expect(code).toBe(0);
    const printed = await text();
    expect(printed).toContain('ok     cluster home: Proxmox VE 9.1.3');
    expect(printed).toContain('ok     cluster home: all 5 declared guests are there');
    expect(printed).toContain('ok     forge: main demands gitmend/plan and gitmend/policy\n');
    expect(printed).toContain(
      'ok     forge: main demands no approvals itself: those that policy asks for are all there are\n',
    );
    expect(printed).toContain('ok     records: none yet');
    expect(printed).toMatch(/\n\n\d+ checks: 0 faults, 2 warnings\. Nothing was changed\.$/);
  });

  it('uses the write token for the role write, and asks for nothing else', async () => {
    const all = await lab();
    delete all.env['READ'];
    const { findings, code } = await doctor(all, ['--role', 'write']);
    expect(code).toBe(0);
    expect(findings).toContainEqual(
      expect.objectContaining({ level: 'ok', what: 'the write token has every privilege that it needs' }),
    );
    expect(JSON.stringify(findings)).not.toContain('READ');
  });

  it('names what the write token is not allowed of the guests’ life, with the command that allows it', async () => {
    const writes = ['VM.Audit', 'Sys.Audit', 'VM.Config.Memory', 'VM.Config.CPU', 'VM.PowerMgmt', 'Datastore.Audit'];
    const life = async (privileges: readonly string[]) => {
      const { findings } = await doctor(await lab(acl('write', { '/': [...writes, ...privileges] })), [
        '--role',
        'write',
      ]);
      return findings.filter(({ what }) => /not allowed to|guests declare|more than it needs/.test(what));
    };
    const none = await life([]);
    expect(none.map(({ level }) => level)).toEqual(['warn', 'ok', 'ok', 'ok', 'ok']);
    expect(none[0]).toMatchObject({
      what: 'guests declare tags: and protection:, and the write token lacks VM.Config.Options on /vms/200 and 4 more',
      mend: "pveum role modify GitmendWrite --append 1 --privs 'VM.Config.Options'",
    });
    expect(none[1]?.what).toBe(
      "node: (a move to another node) is not allowed to the write token (VM.Migrate on /vms/200 and 4 more); to allow it: pveum role modify GitmendWrite --append 1 --privs 'VM.Migrate'",
    );
    expect(none[3]?.what).toContain("--privs 'VM.Clone VM.Allocate VM.Config.Disk Datastore.AllocateSpace'");
    const clones = ['VM.Clone', 'VM.Allocate', 'VM.Config.Disk', 'VM.Config.Options', 'Datastore.AllocateSpace'];
    expect(await life([...clones, 'VM.Migrate', 'VM.Backup', 'SDN.Use'])).toEqual([]);
  });

  it('says that nobody needs a plan to merge, and the command that mends it', async () => {
    const { findings } = await doctor(onlyRead(await lab()));
    expect(findings).toContainEqual({
      level: 'warn',
      about: 'forge',
      what: 'main takes merges without a plan; the runner will not apply them',
      mend: 'gitmend forge protect',
    });
  });
});

describe('gitmend doctor finds', () => {
  it('a variable that is not set, and one that should not be', async () => {
    const all = await lab();
    const { findings, code } = await doctor({ ...all, env: { ...all.env, READ: ' ' } });
    expect(code).toBe(1);
    expect(findings).toContainEqual(
      expect.objectContaining({ level: 'fault', what: 'READ is not set (the read token of cluster home)' }),
    );
    expect(findings).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        what: 'WRITE is set as well (the write token of cluster home), and this role never needs it',
      }),
    );
  });

  it('a token that is not known, without a word of it', async () => {
    const all = onlyRead(await lab());
    const secret = '00000000-dead-beef-0000-000000000000';
    const { findings, text } = await doctor({ ...all, env: { ...all.env, READ: `gitmend@pve!read=${secret}` } });
    expect(findings).toContainEqual(
      expect.objectContaining({
        level: 'fault',
        about: 'cluster home',
        what: expect.stringContaining('401') as string,
      }),
    );
    expect(await text()).not.toContain(secret);
  });

  it('a read token that could write', async () => {
    const { findings, code } = await doctor(
      onlyRead(
        await lab(acl('read', { '/': ['VM.Audit', 'Sys.Audit'], '/vms/200': ['VM.Audit', 'VM.Config.Memory'] })),
      ),
    );
    expect(code).toBe(1);
    expect(findings).toContainEqual({
      level: 'fault',
      about: 'cluster home',
      what: 'the read token may do more than it needs: VM.Config.Memory on /vms/200',
      mend: 'give it the role PVEAuditor and nothing else: whoever plans must not write',
    });
  });

  it('a write token that lacks one privilege on one guest, and has one too many', async () => {
    const writes = ['VM.Audit', 'Sys.Audit', 'VM.Config.Memory', 'VM.Config.CPU', 'VM.PowerMgmt'];
    const world = acl('write', {
      '/': [...writes, 'Permissions.Modify'],
      '/vms/203': writes.filter((name) => name !== 'VM.PowerMgmt'),
    });
    const { findings } = await doctor(await lab(world), ['--role', 'write']);
    expect(findings).toContainEqual(
      expect.objectContaining({ level: 'fault', what: 'the write token lacks VM.PowerMgmt on /vms/203' }),
    );
    expect(findings).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        what: 'the write token may do more than it needs: Permissions.Modify on /',
      }),
    );
  });

  it('a token with privilege separation and no ACL', async () => {
    const { findings } = await doctor(onlyRead(await lab(acl('read', {}))));
    const lacks = findings.find(({ what }) => what.startsWith('the read token lacks'));
    expect(lacks?.mend).toContain('pveum acl modify / --tokens');
    expect(findings.some(({ what }) => what.includes('is not there'))).toBe(true);
  });

  it('a certificate of somebody else', async () => {
    const all = onlyRead(await lab());
    const other = await pveLab();
    writeFileSync(join(all.directory, 'certs/pve-root-ca.pem'), other.caPem);
    const { findings } = await doctor(all);
    const fault = findings.find(({ level, about }) => level === 'fault' && about === 'cluster home');
    expect(fault?.mend).toContain('pve-root-ca.pem');
  });

  it('a CA that is not there yet, and an address where nobody is', async () => {
    const all = onlyRead(await lab());
    rmSync(join(all.directory, 'certs/pve-root-ca.pem'));
    expect((await doctor(all)).findings).toContainEqual(
      expect.objectContaining({ level: 'fault', what: 'certs/pve-root-ca.pem is not in this repository' }),
    );
    writeFileSync(
      join(all.directory, 'gitmend.yaml'),
      configuration('https://127.0.0.1:9', '').replace(
        'ca: certs/pve-root-ca.pem',
        `fingerprint: "${'AA'.repeat(32)}"`,
      ),
    );
    const { findings } = await doctor(all);
    expect(findings).toContainEqual(
      expect.objectContaining({ level: 'fault', mend: expect.stringContaining('check the endpoint') as string }),
    );
  });

  it('clocks that differ', async () => {
    const all = onlyRead(await lab());
    const skew = async (seconds: number): Promise<Finding | undefined> =>
      (await doctor(all, [], labTime + seconds * 1000)).findings.find(({ what }) => what.startsWith('the clock'));
    expect(await skew(5)).toMatchObject({ level: 'ok' });
    expect(await skew(30)).toMatchObject({ level: 'warn', what: 'the clock of pve1 is 30 s behind this one' });
    expect(await skew(-90)).toMatchObject({ level: 'fault', what: 'the clock of pve1 is 90 s ahead of this one' });
  });

  it('a Proxmox VE without pressure, and one that is too old', async () => {
    const version =
      (text: string) =>
      (world: World): World => ({ ...world, version: { ...world.version, version: text } });
    expect((await doctor(onlyRead(await lab(version('8.4.1'))))).findings).toContainEqual(
      expect.objectContaining({ level: 'warn', what: 'Proxmox VE 8.4.1 shows no pressure' }),
    );
    expect((await doctor(onlyRead(await lab(version('7.4.19'))))).findings).toContainEqual(
      expect.objectContaining({ level: 'fault', what: 'Proxmox VE 7.4.19 is too old' }),
    );
  });

  it('guests that are declared and not there, or called otherwise', async () => {
    const world = (before: World): World => {
      before.guests.delete(201);
      const postgres = before.guests.get(200);
      if (postgres !== undefined) postgres.config = { ...postgres.config, hostname: 'other' };
      return before;
    };
    const { findings } = await doctor(onlyRead(await lab(world)));
    expect(findings).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        what: 'lxc/201 (guests/nextcloud.yaml) is not there, lxc/200 is called other, not postgres',
      }),
    );
  });

  it('no guest whose live name is the declared one with a domain or capitals, as an import takes it', async () => {
    const world = (before: World): World => {
      const postgres = before.guests.get(200);
      if (postgres !== undefined) postgres.config = { ...postgres.config, hostname: 'Postgres.home.lan' };
      return before;
    };
    const { findings } = await doctor(onlyRead(await lab(world)));
    expect(findings).toContainEqual(
      expect.objectContaining({
        level: 'ok',
        what: expect.stringMatching(/^all \d declared guests are there$/) as string,
      }),
    );
  });

  it('a repository with faults, and one that is none', async () => {
    const all = onlyRead(await lab());
    writeFileSync(join(all.directory, 'guests/web.yaml'), 'name: web\n');
    rmSync(join(all.directory, 'policies'), { recursive: true });
    const { findings, code } = await doctor(all);
    expect(code).toBe(1);
    expect(findings).toContainEqual(
      expect.objectContaining({
        level: 'fault',
        about: 'repository',
        mend: '`gitmend check` lists every fault with its mend',
      }),
    );
    expect(findings).toContainEqual(expect.objectContaining({ level: 'fault', about: 'policies' }));
    // What gitmend.yaml names is tried all the same.
    expect(findings).toContainEqual(expect.objectContaining({ level: 'ok', about: 'records' }));
    const nowhere = await doctor({ ...all, directory: join(all.directory, 'nowhere') });
    expect(nowhere.findings.map(({ about }) => about)).toEqual(['node', 'git', 'state folder', 'repository']);
    expect(nowhere.code).toBe(1);
  });

  it('a forge that is not where it shall be', async () => {
    const all = onlyRead(await lab(undefined, ''));
    rmSync(all.forge, { recursive: true });
    const { findings } = await doctor(all);
    expect(findings.filter(({ about }) => about === 'forge')).toEqual([expect.objectContaining({ level: 'fault' })]);
    expect(findings).toContainEqual(expect.objectContaining({ level: 'ok', what: 'Proxmox VE 9.1.3' }));
  });

  it('a forge whose kind this version does not have', async () => {
    const all = onlyRead(await lab());
    const remote = 'forge: { kind: github, repository: you/homelab, token: env:TOKEN, webhookSecret: env:HOOK }';
    const text = configuration(all.endpoint, '').replace('forge: { kind: local }', remote);
    writeFileSync(join(all.directory, 'gitmend.yaml'), text);
    const { findings } = await doctor(all);
    for (const what of [
      'TOKEN is not set (the token of github)',
      "HOOK is not set (the secret of github's web hooks)",
    ]) {
      expect(findings).toContainEqual(expect.objectContaining({ level: 'fault', what }));
    }
    const written = (await doctor({ ...all, env: { ...all.env, WRITE: people.write } }, ['--role', 'write'])).findings;
    expect(written.some(({ what }) => what.startsWith('HOOK'))).toBe(false);
  });

  it('a state folder that cannot be written to', async () => {
    const all = onlyRead(await lab());
    writeFileSync(join(all.directory, 'file'), '');
    const { findings } = await doctor({ ...all, env: { ...all.env, GITMEND_STATE: join(all.directory, 'file') } });
    expect(findings).toContainEqual(
      expect.objectContaining({
        level: 'fault',
        about: 'state folder',
        what: expect.stringMatching(/cannot be written to \((EEXIST|ENOTDIR)\)$/) as string,
      }),
    );
  });

  it('a destination of notices that is away, and one whose variable is missing or holds no address', async () => {
    const server = await httpServer();
    const more = `notify:
  - { kind: webhook, url: "${server.url}/hooks/ops" }
  - { kind: ntfy, url: "http://127.0.0.1:9/gitmend", secret: env:NTFY }
  - { kind: mail, url: "smtp://127.0.0.1:9/?from=gitmend@home.lan&to=ops@home.lan", secret: env:MAIL }
  - { kind: webhook, url: env:HOOK }
`;
    const all = onlyRead(await lab(undefined, more));
    const hidden = 'no-address-but-a-secret';
    const { findings, code } = await doctor({ ...all, env: { ...all.env, NTFY: 'tk_0123456789', HOOK: hidden } });
    expect(code).toBe(1);
    const of = (thing: string) =>
      findings.filter(({ about }) => about === thing).map(({ level, what }) => [level, what]);
    expect(of('notify')).toEqual([
      ['ok', `webhook at ${new URL(server.url).host}: reached`],
      ['fault', 'ntfy at 127.0.0.1:9: could not be reached (ECONNREFUSED)'],
      ['fault', 'notify: the webhook of env:HOOK is not an address of http or https'],
    ]);
    expect(findings.filter(({ about, mend }) => about === 'notify' && mend === '')).toHaveLength(1);
    expect(of('variables')).toEqual([
      ['ok', 'READ is set (the read token of cluster home)'],
      ['ok', 'NTFY is set (the token of a ntfy in notify)'],
      ['fault', 'MAIL is not set (user:password of a mail in notify)'],
      ['ok', 'HOOK is set (the address of a webhook in notify)'],
    ]);
    expect(server.received).toEqual([]);
    for (const secret of [hidden, 'tk_0123456789']) expect(JSON.stringify(findings)).not.toContain(secret);
    const written = (await doctor({ ...all, env: { ...all.env, WRITE: people.write } }, ['--role', 'write'])).findings;
    expect(written.some(({ about, what }) => about === 'notify' || /NTFY|MAIL|HOOK/.test(what))).toBe(false);
  });

  it('what terraform: names and is not there, by a stub program and the stacks of the default branch', async () => {
    const tools = temporaryFolder('doctor-terraform');
    onTestFinished(() => rmSync(tools, { recursive: true, force: true }));
    const [program, mirror] = [join(tools, 'terraform'), join(tools, 'mirror')];
    const says = (version: string): void =>
      writeFileSync(program, `#!/bin/sh\n[ -z "$READ$PG" ] && echo '{"terraform_version": "${version}"}'\n`, {
        mode: 0o755,
      });
    const setting = `program: ${program}, mirror: ${mirror}, environment: { PG_CONN_STR: env:PG }`;
    const all = onlyRead(await lab(undefined, `terraform: { ${setting} }\n`));
    const of = (findings: readonly Finding[]): string[] =>
      findings
        .filter(({ about, what }) => /^(terraform|stack|provider)/.test(about) || what.includes('PG'))
        .map(({ level, about, what }) => `${level} ${about}: ${what}`);
    const secret = 'postgres://gitmend:hidden-word@db/state';
    const platform = `${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`;
    const here = join(mirror, 'registry.terraform.io/bpg/proxmox/0.111.1', platform);

    const without = await doctor(all);
    expect(without.code).toBe(1);
    expect(of(without.findings)).toEqual([
      "fault variables: PG is not set (PG_CONN_STR of Terraform's backend)",
      `fault terraform: ${program} could not be started on this machine`,
      'ok terraform: policies have a rule for grow-disk, change-guest, create-guest, destroy-guest',
      'warn stack guests: its state is a local file, which no other machine shares',
      `fault provider bpg/proxmox: 0.111.1 for ${platform} is not in ${mirror}`,
    ]);
    expect(bad(without.findings).every(({ mend }) => mend !== '')).toBe(true);

    says('1.8.5');
    expect(of((await doctor(all)).findings)).toContain(
      `fault terraform: ${program} is 1.8.5, and 1.9 is the oldest that is supported`,
    );

    says('1.11.4');
    mkdirSync(here, { recursive: true });
    writeFileSync(join(here, 'terraform-provider-proxmox_v0.111.1'), '');
    const { findings, text } = await doctor({ ...all, env: { ...all.env, PG: secret } });
    expect(of(findings)).toEqual([
      "ok variables: PG is set (PG_CONN_STR of Terraform's backend)",
      `ok terraform: ${program} 1.11.4 is new enough`,
      'ok terraform: policies have a rule for grow-disk, change-guest, create-guest, destroy-guest',
      'warn stack guests: its state is a local file, which no other machine shares',
      `ok provider bpg/proxmox: 0.111.1 is in ${mirror}`,
    ]);
    expect(await text()).not.toContain('hidden-word');
  });

  it('a Prometheus and an Alertmanager that do not answer, or are something else', async () => {
    const more =
      'prometheus: { url: "http://127.0.0.1:9" }\nalertmanager: { url: "http://127.0.0.1:9", doorToken: env:DOOR }\n';
    const { findings } = await doctor(onlyRead(await lab(undefined, more)));
    for (const about of ['prometheus', 'alertmanager']) {
      expect(findings.filter((one) => one.about === about)).toEqual([expect.objectContaining({ level: 'fault' })]);
    }
    expect(findings).toContainEqual(
      expect.objectContaining({ what: 'DOOR is not set (the token of the door for Alertmanager)' }),
    );
  });
});

describe.skipIf(!hasPrometheus() || !hasAlertmanager())(
  'with a real Prometheus and Alertmanager, gitmend doctor',
  () => {
    it('says which exporters are missing', async () => {
      const series = 'pve_memory_usage_bytes{id="lxc/200"}';
      const prometheus = await startPrometheus([[series, [[labTime / 1000 - 20, 1]]]]);
      onTestFinished(prometheus.stop);
      const alertmanager = await startAlertmanager('route: { receiver: none }\nreceivers: [{ name: none }]\n');
      onTestFinished(alertmanager.stop);
      const more = `prometheus: { url: "${prometheus.url}" }\nalertmanager: { url: "${alertmanager.url}" }\n`;
      const { findings, code } = await doctor(onlyRead(await lab(undefined, more)));
      expect(code).toBe(0);
      const said = findings
        .filter(({ about }) => /prom|alert/.test(about))
        .map(({ level, what }) => `${level} ${what}`);
      expect(said).toEqual([
        expect.stringMatching(/^ok http:\/\/127\.0\.0\.1:\d+ answers, version \d+\.\d+/),
        'ok prometheus-pve-exporter: 1 series',
        'warn no cAdvisor: it would give working sets and OOM kills of containers',
        'warn no node_exporter: it would give what is available inside virtual machines',
        expect.stringMatching(/^ok http:\/\/127\.0\.0\.1:\d+ answers, version \d+\.\d+\S*; 0 alerts fire$/),
      ]);
    });
  },
);
