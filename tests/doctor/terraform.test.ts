import { describe, expect, it } from 'vitest';
import type { Config, TerraformConfig } from '../../src/core/config.ts';
import { readConfig } from '../../src/config/read.ts';
import { GitmendError } from '../../src/core/errors.ts';
import type { Finding, Patient } from '../../src/doctor/index.ts';
import { examineTerraform } from '../../src/doctor/terraform.ts';
import { template } from '../synth/examples.ts';

const bpg = { source: 'bpg/proxmox', version: '0.111.1' };

/** A stack with this backend and this provider. */
function stack(backend: object | undefined, provider: object = bpg, more: object = {}) {
  const terraform = { required_providers: { proxmox: provider }, ...(backend === undefined ? {} : { backend }) };
  return { terraform, ...more };
}

const usually = { program: 'terraform', providers: [], modules: [], environment: {}, timeout: 60, lockTimeout: 0 };
const pg = { pg: { schema_name: 'gitmend' } };
const rule = (steps: string): string =>
  `version: 1\nrules:\n  - { name: all, when: { step: [${steps}] }, level: approve, expires: 24h }\n`;

interface Given {
  stacks?: { [name: string]: unknown } | string;
  setting?: Partial<TerraformConfig>;
  config?: Partial<Config>;
  steps?: string;
  folders?: { [folder: string]: string[] };
  sandbox?: Patient['terraform']['sandbox'];
}

/** What is found, one line each: level, what it is about, what. */
async function found(given: Given): Promise<string[]> {
  return (await examined(given)).map(({ level, about, what }) => `${level} ${about}: ${what}`);
}

async function examined({ stacks = { guests: stack(pg) }, setting, config, steps, folders = {}, sandbox }: Given) {
  const read = readConfig(template.get('gitmend.yaml') ?? '');
  if (!read.ok) throw new Error('the template has faults');
  const whole: Config = { ...read.value, terraform: { ...usually, ...setting }, ...config };
  const policies = rule(steps ?? 'grow-disk, change-guest, create-guest, destroy-guest');
  const terraform: Patient['terraform'] = {
    version: () => Promise.resolve('1.11.4'),
    stacks: () => Promise.resolve(typeof stacks === 'string' ? { ok: false, message: stacks } : { ok: true, stacks }),
    list: (folder) =>
      folders[folder] === undefined ? Promise.reject(new Error('ENOENT')) : Promise.resolve(folders[folder]),
    platform: 'linux_amd64',
    sandbox: sandbox ?? (() => Promise.resolve('bwrap')),
  };
  return examineTerraform(
    { terraform, role: 'read', env: {} } as unknown as Patient,
    whole,
    new Map([['policies/all.yaml', policies]]),
  );
}

const about = (lines: readonly string[], word: string): string[] => lines.filter((line) => line.includes(` ${word}`));

describe('of terraform: doctor says', () => {
  it('nothing where gitmend.yaml names none', async () => {
    const read = readConfig(template.get('gitmend.yaml') ?? '');
    expect(read.ok && (await examineTerraform({} as Patient, read.value, new Map()))).toEqual([]);
  });

  it('that all is well, in four lines', async () => {
    expect(await found({})).toEqual([
      'ok terraform: terraform 1.11.4 is new enough',
      'ok terraform: policies have a rule for grow-disk, change-guest, create-guest, destroy-guest',
      'ok stack guests: its state is kept by pg, which locks',
      'ok provider bpg/proxmox: 0.111.1 comes from registry.terraform.io, which is not asked here',
    ]);
  });

  it('what locks stack code in, only where a pull request’s is run at all', async () => {
    const off = { setting: { stackCode: 'off' as const } };
    const on = { setting: { stackCode: 'sandbox' as const } };
    const missing = () =>
      Promise.reject(new GitmendError('SANDBOX_MISSING', 'bwrap: there is no bwrap on this machine'));
    expect(about(await found({ ...off, sandbox: missing }), 'sandbox')).toEqual([]);
    expect(about(await found(on), 'sandbox')).toEqual([
      'ok sandbox: stack code of a pull request is locked in here by bwrap',
    ]);
    const [, finding] = await examined({ ...on, sandbox: missing });
    expect(finding).toMatchObject({ level: 'fault', what: 'bwrap: there is no bwrap on this machine' });
    expect(finding?.mend).toMatch(/^apt-get install bubblewrap/);
  });

  it('which kinds of steps no rule decides about', async () => {
    const lines = await found({ steps: 'resize-guest, change-guest' });
    expect(about(lines, 'terraform: no rule')).toEqual([
      'warn terraform: no rule of policies/ decides about grow-disk, create-guest, destroy-guest: a pull request that needs one is refused',
    ]);
  });

  it('that the provider needs one cluster with a CA', async () => {
    const [cluster] = (await configured()).clusters;
    if (cluster === undefined) throw new Error('the template has no cluster');
    const known = { ...cluster };
    delete known.ca;
    expect(await found({ config: { clusters: [{ ...known, fingerprint: 'AA' }] } })).toContain(
      'fault terraform: cluster home is known by a fingerprint, and the provider takes a CA only',
    );
    expect(await found({ config: { clusters: [cluster, { ...cluster, name: 'other' }] } })).toContain(
      'fault terraform: gitmend.yaml names 2 clusters, and stacks can be of one only',
    );
  });

  it('why there is no stack, and what keeps Terraform from being started on one', async () => {
    expect(await found({ stacks: 'stacks/main.ts:3 threw' })).toContain(
      'fault stacks: the default branch gives no stack: stacks/main.ts:3 threw',
    );
    const strange = stack(pg, bpg, { provider: { proxmox: { endpoint: 'https://elsewhere' } } });
    expect(about(await found({ stacks: { guests: strange } }), 'stack guests')).toEqual([
      "fault stack guests: the block of the provider proxmox sets endpoint: where it goes and with which token is gitmend's to say",
    ]);
  });

  it('of a program that is missing its code’s own mend, and goes on with the rest', async () => {
    const terraform: Partial<Patient['terraform']> = {
      version: () => Promise.reject(new GitmendError('TERRAFORM_MISSING', 'tofu could not be started on this machine')),
      stacks: () => Promise.resolve({ ok: true, stacks: { guests: stack(pg) } }),
    };
    const findings: Finding[] = await examineTerraform(
      { terraform } as Patient,
      { ...(await configured()), terraform: usually },
      new Map(),
    );
    expect(findings[0]).toMatchObject({
      level: 'fault',
      mend: expect.stringContaining('install Terraform 1.9') as string,
    });
    expect(findings.map(({ about: thing }) => thing)).toContain('stack guests');
  });
});

describe('of where the state is kept doctor says', () => {
  const kept = async (backend: object | undefined, more: Given = {}): Promise<string | undefined> =>
    about(await found({ ...more, stacks: { guests: stack(backend) } }), 'stack guests')[0];

  it('that none is named', async () => {
    const lines = 'it names no backend, so no other machine would find its state';
    expect(await kept(undefined)).toBe(`fault stack guests: ${lines}`);
    expect(await kept({ local: { path: '/tmp/gitmend-synth-x/cdktf.out/guests.tfstate' } })).toMatch(
      /^fault stack guests: the stack names no backend/,
    );
  });

  it('that a local file is this machine’s alone, which no job of CI has', async () => {
    const local = { local: { path: '../../../guests.tfstate' } };
    expect(await kept(local)).toBe('warn stack guests: its state is a local file, which no other machine shares');
    expect(await kept(local, { config: { runner: 'ci' } })).toMatch(/^fault .* each job of CI would begin without it$/);
  });

  it('that gitmend serve keeps it, and what is wrong with how the stack says so', async () => {
    const reference = { env: 'NAME' };
    const secrets = { read: reference, write: reference, key: reference, formerKeys: [] };
    const setting = { state: { url: 'https://gitmend.home.lan', ...secrets } };
    const address = 'https://gitmend.home.lan/terraform/state/guests';
    const http = { address, lock_address: address, unlock_address: address };
    expect(await kept({ http }, { setting })).toBe(
      'ok stack guests: its state is kept by gitmend serve at https://gitmend.home.lan, with a lock',
    );
    expect(await kept({ http: { address } }, { setting })).toBe(
      `fault stack guests: its backend's lock_address is not ${address}`,
    );
    const other = address.replace('guests', 'network');
    expect(await kept({ http: { ...http, address: other } }, { setting })).toBe(
      `fault stack guests: its backend's address is not ${address}`,
    );
  });

  it('which ones lock only when told to, and whether they were', async () => {
    expect(await kept({ http: { address: 'https://x' } })).toMatch(/^warn .* by http without a lock/);
    expect(await kept({ http: { address: 'https://x', lock_address: 'https://x/lock' } })).toMatch(/^ok /);
    const environment = { TF_HTTP_LOCK_ADDRESS: { env: 'LOCK' } };
    expect(await kept({ http: { address: 'https://x' } }, { setting: { environment } })).toMatch(/^ok /);
    expect(await kept({ s3: { bucket: 'b' } })).toMatch(/^warn .* by s3 without a lock/);
    expect(await kept({ s3: { bucket: 'b', use_lockfile: true } })).toMatch(/^ok /);
    expect(await kept({ consul: { lock: false } })).toMatch(/^warn .* by consul without a lock/);
    expect(await kept({ swift: {} })).toMatch(/^warn .* by swift without a lock/);
  });
});

describe('of a provider doctor says', () => {
  const mirror = '/srv/mirror';
  const provider = async (more: Given): Promise<string | undefined> =>
    about(await found({ setting: { mirror }, ...more }), 'provider')[0];
  const place = `${mirror}/registry.terraform.io/bpg/proxmox`;

  it('that the mirror has it, unpacked or packed', async () => {
    const unpacked = { [`${place}/0.111.1/linux_amd64`]: ['terraform-provider-proxmox_v0.111.1'] };
    expect(await provider({ folders: unpacked })).toBe('ok provider bpg/proxmox: 0.111.1 is in /srv/mirror');
    const packed = { [place]: ['terraform-provider-proxmox_0.111.1_linux_amd64.zip'] };
    expect(await provider({ folders: packed })).toMatch(/^ok /);
  });

  it('that it has another version, another platform or nothing', async () => {
    const lacks = 'fault provider bpg/proxmox: 0.111.1 for linux_amd64 is not in /srv/mirror';
    expect(await provider({})).toBe(lacks);
    const other = { [place]: ['terraform-provider-proxmox_0.110.0_linux_amd64.zip'] };
    expect(await provider({ folders: other })).toBe(lacks);
    const arm = { [`${place}/0.111.1/linux_arm64`]: ['terraform-provider-proxmox_v0.111.1'] };
    expect(await provider({ folders: arm })).toBe(lacks);
    expect(await provider({ folders: { [`${place}/0.111.1/linux_amd64`]: ['README.md'] } })).toBe(lacks);
  });

  it('that tofu looks under its own registry', async () => {
    const theirs = { [`${place}/0.111.1/linux_amd64`]: ['terraform-provider-proxmox_v0.111.1'] };
    const setting = { mirror, program: '/usr/bin/tofu' };
    expect(await provider({ setting, folders: theirs })).toMatch(/^fault /);
    const own = Object.fromEntries(
      Object.entries(theirs).map(([folder, files]) => [folder.replace('terraform.io', 'opentofu.org'), files]),
    );
    expect(await provider({ setting, folders: own })).toMatch(/^ok /);
  });

  it('that no one version is pinned', async () => {
    const ranged = stack(pg, { source: 'bpg/proxmox', version: '~> 0.111' });
    expect(await provider({ stacks: { guests: ranged } })).toBe(
      'warn provider bpg/proxmox: its version ~> 0.111 is a range',
    );
    expect(await provider({ stacks: { guests: stack(pg, { source: 'bpg/proxmox' }) } })).toMatch(/no version is named/);
  });
});

function configured(): Promise<Config> {
  const read = readConfig(template.get('gitmend.yaml') ?? '');
  return read.ok ? Promise.resolve(read.value) : Promise.reject(new Error('the template has faults'));
}
