import { describe, expect, it } from 'vitest';
import { againstStack, placeOf, usuallyAllowed, allowedBy } from '../../src/terraform/index.ts';
import { synthesize } from '../../src/synth/index.ts';
import { input } from '../synth/examples.ts';

const container = 'proxmox_virtual_environment_container';
const required_providers = { proxmox: { source: 'bpg/proxmox', version: '0.111.1' } };

function stack(more: { [part: string]: unknown } = {}, terraform: object = {}): object {
  return {
    terraform: { backend: { local: { path: '../../../guests.tfstate' } }, required_providers, ...terraform },
    provider: { proxmox: [{}] },
    resource: { [container]: { web: { vm_id: 210, node_name: 'pve1' } } },
    ...more,
  };
}

describe('a stack before anything of it runs', () => {
  it('may be planned as the template has it', async () => {
    const made = await synthesize(input());
    if (!made.ok) throw new Error(made.message);
    expect(againstStack(made.stacks['guests'], usuallyAllowed)).toEqual([]);
    expect(againstStack(stack(), usuallyAllowed)).toEqual([]);
  });

  it.each<[string, object, RegExp]>([
    [
      'whose provider is told where to go',
      stack({ provider: { proxmox: [{ endpoint: 'https://evil' }] } }),
      /sets endpoint/,
    ],
    [
      'whose provider is told so in an alias',
      stack({ provider: { proxmox: [{}, { alias: 'b', insecure: true }] } }),
      /sets alias, insecure/,
    ],
    [
      'whose provider comes from elsewhere',
      stack({}, { required_providers: { proxmox: { source: 'evil/proxmox' } } }),
      /registry\.terraform\.io\/evil\/proxmox is not on the list/,
    ],
    [
      'that needs a provider by a resource alone',
      stack({ resource: { null_resource: { a: {} } } }),
      /needs the provider null/,
    ],
    [
      'that names a provider on a resource',
      stack({ resource: { [container]: { a: { provider: 'other.b' } } } }),
      /needs the provider other/,
    ],
    [
      'with an external program inside of a check',
      stack({ check: { c: { data: [{ external: { a: {} } }] } } }),
      /^check\.c\.data\.external\.a needs the provider external.*check\.c\.data\.external\.a runs a program/s,
    ],
    [
      'that runs something when a resource is taken out',
      stack({ removed: [{ from: 'terraform_data.a', provisioner: [{ 'local-exec': { command: 'id' } }] }] }),
      /^removed terraform_data\.a runs a provisioner/,
    ],
    [
      'with an external program',
      stack({ data: { external: { a: {} } } }),
      /data? ?.*runs a program|external\.a runs a program/,
    ],
    [
      'with a provisioner',
      stack({ resource: { [container]: { a: { provisioner: [{ 'local-exec': {} }] } } } }),
      /runs a provisioner/,
    ],
    [
      'with a module',
      stack({ module: { a: { source: 'git::https://evil' } } }),
      /module\.a takes its code from git::https:\/\/evil/,
    ],
    ['in a cloud of its own', stack({}, { cloud: {} }), /a block "cloud"/],
    ['with an action', stack({ action: {} }), /a block "action"/],
    [
      'with a state that OpenTofu encrypts',
      stack({}, { encryption: { state: { method: 'method.aes_gcm.own' } } }),
      /^the stack has its state and plans encrypted \(encryption\), and gitmend passes no key on/,
    ],
    [
      'without a backend',
      stack({}, { backend: { local: { path: '/tmp/gitmend-synth-x/terraform.tfstate' } } }),
      /its state would be lost/,
    ],
    [
      'without a backend, synthesized in the sandbox',
      stack({}, { backend: { local: { path: '/repository/terraform.guests.tfstate' } } }),
      /its state would be lost/,
    ],
  ])('%s is refused', (_name, config, says) => {
    expect(againstStack(config, usuallyAllowed).join('; ')).toMatch(says);
  });

  it('takes providers and modules that the rules name', () => {
    const allowed = {
      providers: ['registry.terraform.io/hashicorp/null', ...usuallyAllowed.providers],
      modules: ['./m'],
    };
    const all = { required_providers: { ...required_providers, null: { source: 'hashicorp/null' } } };
    const resource = { null_resource: { a: {} } };
    expect(againstStack(stack({ resource, module: { a: { source: './m' } } }, all), allowed)).toEqual([]);
  });
});

describe('a provider that is named in short', () => {
  const all = { required_providers: { ...required_providers, null: { source: 'hashicorp/null' } } };
  const rules = (program: string, provider: string) => allowedBy({ program, providers: [provider], modules: [] });

  it.each([
    ['terraform', 'registry.terraform.io/hashicorp/null', []],
    ['/opt/tofu-1.10/bin/tofu', 'registry.opentofu.org/hashicorp/null', []],
    [
      'tofu',
      'registry.terraform.io/hashicorp/null',
      ['the provider registry.opentofu.org/hashicorp/null is not on the list of those that may run'],
    ],
    [
      'terraform',
      'registry.opentofu.org/hashicorp/null',
      ['the provider registry.terraform.io/hashicorp/null is not on the list of those that may run'],
    ],
  ])('is for %s the one of its own registry: on the list as %s', (program, provider, says) => {
    expect(againstStack(stack({}, all), rules(program, provider))).toEqual(says);
  });
});

describe('where a guest stands in the stacks', () => {
  const web = { cluster: 'home', type: 'lxc', vmid: 210 } as const;

  it('is told by its kind and vmid', () => {
    expect(placeOf({ guests: stack() }, web)).toEqual({ stack: 'guests', address: `${container}.web` });
    expect(placeOf({ guests: stack() }, { ...web, type: 'qemu' })).toMatch(
      /^no resource of the stacks has the vm_id 210/,
    );
  });

  it('is not guessed where two say the same, or one stands for several', () => {
    expect(placeOf({ a: stack(), b: stack() }, web)).toMatch(/declared twice/);
    const many = stack({ resource: { [container]: { web: { vm_id: 210, count: 2 } } } });
    expect(placeOf({ many }, web)).toMatch(/has count or for_each/);
  });
});
