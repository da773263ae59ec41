import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { homeTokens, type World } from '../../simulators/pve/index.ts';
import { checkTree, readTreeFromDisk } from '../../src/check/index.ts';
import { type Ask, registerInit } from '../../src/cli/init.ts';
import { readConfig } from '../../src/config/read.ts';
import { GitmendError } from '../../src/core/errors.ts';
import { readGuests } from '../../src/declarations/guest/index.ts';
import { gitIn } from '../../src/git/git.ts';
import { temporaryFolder } from '../support/loopback.ts';
import { labTime, pveLab } from '../support/pve-lab.ts';

const fingerprint = 'AB'.repeat(32);
const answers = ['--endpoint', 'https://pve1.home.lan:8006', '--fingerprint', fingerprint, '--people', 'alice'];

/** A folder for one test. */
function folder(): string {
  const made = temporaryFolder('init');
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Runs `gitmend init` and returns what it prints. */
async function init(words: string[], env: { [name: string]: string } = {}, ask?: Ask): Promise<string> {
  const printed: string[] = [];
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  registerInit(
    program,
    {
      env,
      clock: { now: () => labTime, sleep: () => Promise.resolve() },
      print: (text) => printed.push(text),
      warn: () => undefined,
      exit: () => undefined,
    },
    ask,
  );
  await program.parseAsync(['init', ...words], { from: 'user' });
  return printed.join('\n');
}

async function refusal(words: string[], env: { [name: string]: string } = {}): Promise<GitmendError> {
  const error = await init(words, env).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(GitmendError);
  return error as GitmendError;
}

describe('gitmend init', () => {
  it('makes a local forge and a clone of it that has no fault, and says what is next', async () => {
    const directory = join(folder(), 'homelab');
    const printed = await init([directory, ...answers]);
    expect(printed).toBe(
      [
        `wrote ${directory}: ${readTreeFromDisk(directory).size} files, no guests yet; alice approves alone`,
        `next: declare a guest in ${directory}/guests/, then cd ${directory} && gitmend forge protect && gitmend doctor`,
      ].join('\n'),
    );
    expect(checkTree(readTreeFromDisk(directory))).toEqual({ faults: [], warnings: [] });
    const git = gitIn(directory);
    expect((await git(['remote', 'get-url', 'origin'])).stdout.trim()).toBe(join(`${directory}-forge`, 'repo.git'));
    expect((await git(['config', '--get-all', 'remote.origin.fetch'])).stdout).toContain(
      '+refs/gitmend/*:refs/gitmend/*',
    );
    // Before anything was recorded as well as with the first note.
    expect((await git(['pull', '--quiet'])).stderr).toBe('');
    const away = gitIn(join(`${directory}-forge`, 'repo.git'));
    await away(['-c', 'user.name=g', '-c', 'user.email=g@home', 'notes', '--ref=gitmend', 'add', '-m', 'run', 'main']);
    await git(['pull', '--quiet']);
    expect((await git(['notes', '--ref=gitmend', 'show', 'HEAD'])).stdout).toBe('run\n');
    expect((await git(['log', '--format=%an %s'])).stdout).toBe('alice Begin\n');
    expect((await git(['status', '--porcelain'])).stdout).toBe('');
    // Nothing of the way is left beside it.
    expect(readdirSync(join(directory, '..')).sort()).toEqual(['homelab', 'homelab-forge']);
  });

  it('puts the answers into gitmend.yaml and keeps its comments', async () => {
    const directory = join(folder(), 'homelab');
    await init([
      ...[directory, ...answers, '--cluster', 'attic', '--exporters', 'pve1', 'cadvisor', '--no-git'],
      ...['--prometheus', 'http://prometheus.home.lan:9090', '--alertmanager', 'http://alertmanager.home.lan:9093'],
    ]);
    const text = readFileSync(join(directory, 'gitmend.yaml'), 'utf8');
    expect(text).toContain('# What gitmend may look at and change.');
    expect(readConfig(text)).toMatchObject({
      ok: true,
      value: {
        forge: { kind: 'local' },
        approvers: ['alice'],
        clusters: [
          {
            name: 'attic',
            endpoint: 'https://pve1.home.lan:8006',
            fingerprint: (fingerprint.match(/../g) ?? []).join(':'),
            read: { env: 'GITMEND_PVE_READ' },
            write: { env: 'GITMEND_PVE_WRITE' },
            exporters: ['pve1', 'cadvisor'],
          },
        ],
        prometheus: { url: 'http://prometheus.home.lan:9090' },
        alertmanager: { url: 'http://alertmanager.home.lan:9093', doorToken: { env: 'GITMEND_ALERT_TOKEN' } },
      },
    });
    expect(existsSync(join(directory, '.git'))).toBe(false);
  });

  it('leaves out what is only an example, and watches the cluster that was named', async () => {
    const directory = join(folder(), 'homelab');
    await init([directory, ...answers, '--no-git']);
    const tree = readTreeFromDisk(directory);
    expect([...tree.keys()].filter((path) => /^(guests|dns|ansible)\//.test(path))).toEqual([
      'ansible/ansible.cfg',
      'ansible/group_vars/all.yaml',
      'ansible/inventory.yaml',
      'ansible/playbooks/site.yaml',
      'guests/.gitkeep',
    ]);
    expect(parse(tree.get('ansible/playbooks/site.yaml') ?? '')).toHaveLength(1);
    expect(parse(tree.get('ansible/inventory.yaml') ?? '')).toEqual({ all: { hosts: {} } });
    const all = [...tree].filter(([path]) => !/README|stacks|compose|rules/.test(path)).map(([, text]) => text);
    expect(all.join('\n')).not.toMatch(/postgres|192\.168\.1\.2\d/);
  });

  it('lets one person approve alone, and asks for two of several', async () => {
    const level = async (...people: string[]): Promise<unknown> => {
      const directory = join(folder(), 'homelab');
      await init([
        directory,
        '--endpoint',
        'https://pve1:8006',
        '--fingerprint',
        fingerprint,
        '--no-git',
        '--people',
        ...people,
      ]);
      const policy = parse(readFileSync(join(directory, 'policies/guests.yaml'), 'utf8')) as {
        rules: { level: string }[];
      };
      return policy.rules.map((rule) => rule.level);
    };
    expect(await level('alice')).toEqual(Array(6).fill('approve'));
    expect(await level('alice', 'bob', 'alice')).toEqual([
      ...['approve-2', 'approve-2', 'approve-2'],
      ...['approve', 'approve', 'approve'],
    ]);
  });

  it.each([
    ['gitea', [], undefined],
    ['gitea', ['--runner', 'ci'], '.gitea'],
    ['github', ['--runner', 'builtin'], undefined],
    ['github', ['--runner', 'ci'], '.github'],
  ])(
    'brings workflows where jobs are the runner, and those of that forge alone: %s %j',
    async (forge, more, expected) => {
      const directory = join(folder(), 'homelab');
      const remote = ['--forge', forge, '--forge-url', 'https://git.home.lan', '--repository', 'ops/homelab'];
      const printed = await init([directory, ...answers, ...remote, ...more]);
      const paths = [...readTreeFromDisk(directory).keys()].filter((path) => /^\.git(ea|hub)\//.test(path));
      const workflows = ['README.md', ...['apply', 'drift', 'plan', 'reconcile'].map((name) => `gitmend-${name}.yml`)];
      expect(paths.sort()).toEqual(
        expected === undefined ? [] : workflows.map((file) => `${expected}/workflows/${file}`),
      );
      const read = readConfig(readFileSync(join(directory, 'gitmend.yaml'), 'utf8'));
      expect(read).toMatchObject({ value: { runner: expected === undefined ? 'builtin' : 'ci' } });
      expect(printed.includes('set the secrets of docs/ci.md before the first push')).toBe(expected !== undefined);
    },
  );

  it('refuses jobs as the runner where the forge has none', async () => {
    const error = await refusal([join(folder(), 'x'), ...answers, '--runner', 'ci']);
    expect(error).toMatchObject({ code: 'USAGE', message: expect.stringContaining('--forge gitea') as string });
  });

  it('prepares a repository for a remote forge, to be pushed there', async () => {
    const directory = join(folder(), 'homelab');
    const remote = ['--forge', 'gitea', '--forge-url', 'https://git.home.lan/', '--repository', 'ops/homelab'];
    expect(await init([directory, ...answers, ...remote])).toContain(
      `cd ${directory} && git push -u origin main && gitmend doctor`,
    );
    const git = gitIn(directory);
    expect((await git(['remote', 'get-url', 'origin'])).stdout.trim()).toBe('https://git.home.lan/ops/homelab.git');
    expect((await git(['log', '--format=%an %s'])).stdout).toBe('alice Begin\n');
    expect(readConfig(readFileSync(join(directory, 'gitmend.yaml'), 'utf8'))).toMatchObject({
      value: {
        forge: {
          ...{ kind: 'gitea', url: 'https://git.home.lan', repository: 'ops/homelab' },
          ...{ token: { env: 'GITMEND_GITEA_TOKEN' }, webhookSecret: { env: 'GITMEND_WEBHOOK_SECRET' } },
        },
      },
    });
  });

  it.each([
    [[], {}, 'https://github.com/you/homelab.git'],
    [
      ['--forge-url', 'https://github.home.lan'],
      { url: 'https://github.home.lan' },
      'https://github.home.lan/you/homelab.git',
    ],
  ])('prepares a repository for GitHub with %j', async (more, url, origin) => {
    const directory = join(folder(), 'homelab');
    await init([directory, ...answers, '--forge', 'github', '--repository', 'you/homelab', ...more]);
    expect((await gitIn(directory)(['remote', 'get-url', 'origin'])).stdout.trim()).toBe(origin);
    const text = readFileSync(join(directory, 'gitmend.yaml'), 'utf8');
    expect(readConfig(text)).toMatchObject({
      value: {
        forge: {
          ...{ kind: 'github', repository: 'you/homelab', ...url },
          ...{ token: { env: 'GITMEND_GITHUB_TOKEN' }, webhookSecret: { env: 'GITMEND_WEBHOOK_SECRET' } },
        },
      },
    });
  });

  it('prepares it for an App of one’s own', async () => {
    const directory = join(folder(), 'homelab');
    await init([directory, ...answers, '--forge', 'github', '--repository', 'you/homelab', '--github-app', '4711']);
    const read = readConfig(readFileSync(join(directory, 'gitmend.yaml'), 'utf8'));
    expect(read).toMatchObject({
      value: { forge: { app: { id: '4711', key: { env: 'GITMEND_GITHUB_APP_KEY' } } } },
    });
    expect(read).not.toHaveProperty('value.forge.token');
  });

  it('asks what it was not told', async () => {
    const directory = join(folder(), 'homelab');
    const asked: string[] = [];
    const ask = (question: string, usual: string): Promise<string> => {
      asked.push(question);
      if (question.includes('certificate')) return Promise.resolve(fingerprint);
      return Promise.resolve(question.includes('approve') ? 'alice, bob' : usual);
    };
    expect(await init([directory, '--no-git'], {}, ask)).toContain(
      'alice, bob approve; critical guests need two of them',
    );
    expect(asked).toHaveLength(3);
    expect(readFileSync(join(directory, 'gitmend.yaml'), 'utf8')).toContain('https://pve1.home.lan:8006');
  });
});

describe('with a read token gitmend init', () => {
  async function begin(change: (world: World) => World = (world) => world, words: string[] = []) {
    const pve = await pveLab({ world: change });
    const root = folder();
    writeFileSync(join(root, 'ca.pem'), pve.caPem);
    const directory = join(root, 'homelab');
    const flags = ['--endpoint', pve.endpoint, '--ca', join(root, 'ca.pem'), '--people', 'alice', ...words];
    const printed = await init([directory, ...flags], { GITMEND_PVE_READ: homeTokens.read });
    return { printed, directory, tree: readTreeFromDisk(directory) };
  }

  it('declares every guest as it is now', async () => {
    const { printed, tree } = await begin();
    expect(printed).toContain('5 guests as they are now');
    expect(checkTree(tree)).toEqual({ faults: [], warnings: [] });
    const template = readTreeFromDisk(resolve(import.meta.dirname, '../../infra'));
    const values = (guests: ReturnType<typeof readGuests>) => guests.guests.map((guest) => ({ ...guest, carries: [] }));
    const own = values(readGuests(tree, undefined));
    // The stand-in is the lab that the template's examples declare; a VM's address is inside it.
    const examples = values(readGuests(template, undefined)).map((guest) =>
      guest.type === 'qemu' ? { ...guest, network: { bridge: guest.network.bridge } } : guest,
    );
    expect(own).toEqual(examples);
    // The address of the virtual machine is its guest agent's word.
    const reached = [...own.map(({ name, network }) => [name, network.address?.split('/')[0] ?? '192.168.1.23'])];
    expect(parse(tree.get('ansible/inventory.yaml') ?? '')).toEqual({
      all: {
        hosts: Object.fromEntries(reached.map(([name, address]) => [name, { ansible_host: address }])) as unknown,
      },
    });
    expect(tree.get('prometheus/prometheus.yaml')).toContain('"192.168.1.20:9100"');
  });

  it('says which guests it cannot declare, and why', async () => {
    const { printed, tree } = await begin((world) => {
      const set = (vmid: number, change: { [key: string]: string | number | undefined }): void => {
        const guest = world.guests.get(vmid);
        if (guest === undefined) return;
        const config = Object.entries({ ...guest.config, ...change }).filter(([, value]) => value !== undefined);
        guest.config = Object.fromEntries(config) as typeof guest.config;
      };
      set(201, { template: 1 });
      set(202, { cores: undefined });
      set(203, { net0: undefined });
      set(204, { hostname: 'postgres' });
      return world;
    });
    expect(printed.split('\n').filter((line) => line.startsWith('left out'))).toEqual([
      'left out lxc/201 nextcloud: it is a template',
      'left out lxc/202 frigate: it has no limit of cores; set one to declare it',
      'left out qemu/203 homeassistant: it has no net0 on a bridge',
      'left out lxc/204 postgres: lxc/200 has the same name',
    ]);
    expect([...tree.keys()].filter((path) => path.startsWith('guests/'))).toEqual(['guests/postgres.yaml']);
  });

  it('does not use it when told not to', async () => {
    expect((await begin(undefined, ['--no-guests', '--no-git'])).printed).toContain('no guests yet');
  });
});

describe('gitmend init refuses', () => {
  it('to begin without answers, and names all that are missing', async () => {
    const error = await refusal([join(folder(), 'x'), '--forge', 'gitea']);
    expect(error.code).toBe('USAGE');
    expect(error.message).toBe(
      'not answered: --endpoint, --ca or --fingerprint, --people, --repository, --forge-url; gitmend init --help says what they are',
    );
  });

  it('a place that holds anything, and touches nothing of it', async () => {
    const root = folder();
    const directory = join(root, 'homelab');
    mkdirSync(directory);
    writeFileSync(join(directory, 'mine'), 'mine');
    expect((await refusal([directory, ...answers])).message).toContain(
      'is not empty; gitmend init never writes over anything',
    );
    expect(readdirSync(root)).toEqual(['homelab']);
    expect(readdirSync(directory)).toEqual(['mine']);
    const file = join(directory, 'mine');
    expect((await refusal([file, ...answers])).message).toContain('cannot be used (ENOTDIR)');
  });

  it('a place whose forge is taken', async () => {
    const root = folder();
    mkdirSync(join(root, 'homelab-forge'));
    writeFileSync(join(root, 'homelab-forge/mine'), 'mine');
    expect((await refusal([join(root, 'homelab'), ...answers])).code).toBe('USAGE');
    expect(readdirSync(root)).toEqual(['homelab-forge']);
  });

  it('a place in a folder that is not there', async () => {
    expect((await refusal([join(folder(), 'a/b'), ...answers])).message).toContain('cannot be written to (ENOENT)');
  });

  it('answers that gitmend check would refuse: all of them at once, and nothing is written', async () => {
    const root = folder();
    const words = [
      '--endpoint',
      'http://pve1',
      '--fingerprint',
      fingerprint,
      '--people',
      '@alice',
      '--cluster',
      'My Lab',
    ];
    const error = await refusal([join(root, 'homelab'), ...words]);
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message.split('\n')).toEqual([
      expect.stringContaining('did you mean alice?'),
      expect.stringContaining('did you mean my-lab?'),
      expect.stringContaining('is not https'),
    ]);
    expect(readdirSync(root)).toEqual([]);
  });

  it('a CA that is none, and above all a private key', async () => {
    const root = folder();
    const file = join(root, 'key.pem');
    writeFileSync(file, '-----BEGIN PRIVATE KEY-----\nsecret\n');
    const words = [join(root, 'homelab'), '--endpoint', 'https://pve1:8006', '--people', 'alice', '--ca', file];
    const error = await refusal(words);
    expect(error.message).toContain('holds a private key');
    expect(error.message).not.toContain('secret');
    writeFileSync(file, 'no certificate');
    expect((await refusal(words)).message).toContain('holds no certificate in PEM');
    rmSync(file);
    expect((await refusal(words)).message).toContain('cannot be read (ENOENT)');
    expect(readdirSync(root)).toEqual([]);
  });

  it('to write half of it where the cluster does not answer', async () => {
    const root = folder();
    const words = [
      join(root, 'homelab'),
      '--endpoint',
      'https://127.0.0.1:9',
      '--fingerprint',
      fingerprint,
      '--people',
      'alice',
    ];
    const error = await refusal(words, { GITMEND_PVE_READ: homeTokens.read });
    expect(error.code).toBe('PVE_UNREACHABLE');
    expect(readdirSync(root)).toEqual([]);
  });

  it('an account that is no name, and leaves no forge behind', async () => {
    const root = folder();
    const words = ['--endpoint', 'https://pve1:8006', '--fingerprint', fingerprint, '--people', 'a'.repeat(80)];
    expect((await refusal([join(root, 'homelab'), ...words])).code).toBe('CONFIG_INVALID');
    expect(readdirSync(root)).toEqual([]);
  });
});
