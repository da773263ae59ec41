import { describe, expect, it } from 'vitest';
import { readPlan, usuallyAllowed } from '../../src/terraform/index.ts';
import { change, made, planned, plannedJson, trusted } from './examples.ts';

const container = 'proxmox_virtual_environment_container';
const machine = 'proxmox_virtual_environment_vm';

describe('a plan', () => {
  it('names what is changed, with old and new value, and leaves out what stays', () => {
    const plan = planned('resize');
    expect(plan.unchanged).toBe(2);
    expect(plan.changes.map(({ guest, kind, disturbance }) => [guest, kind, disturbance])).toEqual([
      ['nextcloud (lxc/201 on pve1)', 'update', 'live'],
      ['postgres (lxc/200 on pve1)', 'update', 'restarts'],
      ['homeassistant (qemu/203 on pve1)', 'update', 'restarts'],
    ]);
    expect(plan.changes[0]?.attributes).toEqual([
      { path: ['cpu', 0, 'cores'], before: { value: 2 }, after: { value: 3 }, forces: false },
      { path: ['disk', 0, 'size'], before: { value: 64 }, after: { value: 80 }, forces: false },
    ]);
  });

  it('tells created, replaced, destroyed and read apart, with the attribute that forces a replacement', () => {
    const plan = planned('wild');
    expect(plan.changes.map(({ address, kind }) => `${kind} ${address.split('.').at(-1) ?? ''}`)).toEqual([
      'read all',
      'update frigate',
      'update gitea',
      'destroy nextcloud',
      'replace postgres',
      'create scratch',
      'create note',
    ]);
    const replaced = plan.changes.find(({ kind }) => kind === 'replace');
    expect(replaced?.attributes.filter(({ forces }) => forces)).toEqual([
      { path: ['unprivileged'], before: { value: true }, after: { value: false }, forces: true },
    ]);
    expect(plan.changes.find(({ kind }) => kind === 'destroy')?.reason).toBe('delete_because_no_resource_config');
  });

  it('names drift, failed checks and outputs', () => {
    const plan = planned('wild');
    expect(plan.drift).toMatchObject([
      {
        guest: 'frigate (lxc/202 on pve1)',
        attributes: [{ path: ['memory', 0, 'dedicated'], before: { value: 4096 }, after: { value: 6144 } }],
      },
    ]);
    expect(plan.failedChecks).toEqual([
      { address: 'check.names', status: 'fail', problems: ['the password is too short'] },
    ]);
    expect(plan.outputs).toEqual(['login', 'plain']);
  });

  it('names an import and a move, even where nothing else changes', () => {
    const one = change({ actions: ['no-op'], importing: { id: 'pve1/200' }, previous_address: 'terraform_data.old' });
    const plan = trusted(made([], { resource_changes: [one] }));
    expect(plan.changes).toMatchObject([{ kind: 'no-op', importedFrom: 'pve1/200', movedFrom: 'terraform_data.old' }]);
  });

  it('says of a value that is known only afterwards that it is unknown', () => {
    const plan = trusted(made([{ before: { id: 'a' }, after: {}, after_unknown: { id: true } }]));
    expect(plan.changes[0]?.attributes).toEqual([
      { path: ['id'], before: { value: 'a' }, after: 'unknown', forces: false },
    ]);
  });
});

it('a value that is known only afterwards is named, even where the rest of its block stays', () => {
  const block = { network: [{ name: 'eth0' }] };
  const plan = trusted(made([{ before: block, after: block, after_unknown: { network: [{ mac: true }] } }]));
  expect(plan.changes[0]?.attributes).toEqual([
    { path: ['network', 0, 'mac'], before: 'unset', after: 'unknown', forces: false },
  ]);
});

it('an action that nobody knows counts as the worst', () => {
  expect(trusted(made([{ actions: ['teleport'] }])).changes).toMatchObject([{ kind: 'destroy' }]);
});

describe('what is no plan is refused', () => {
  it.each([
    ['no JSON', 'Error: no plan', 'is not JSON'],
    ['another format', made([], { format_version: '2.0' }), 'format_version'],
    ['no configuration', made([], { configuration: undefined }), 'configuration'],
    ['a change without actions', made([{ actions: [] }]), 'resource_changes.0.change.actions'],
  ])('%s', (_, text, why) => {
    expect(readPlan(text)).toEqual({ ok: false, why: expect.stringContaining(why) as string });
  });

  it('and no value of it is in the reason', () => {
    const read = readPlan(made([], { format_version: 'hunter2hunter2' }));
    expect(JSON.stringify(read)).not.toContain('hunter2');
  });
});

describe('a secret', () => {
  const shownOf = (text: string, known: string[] = []): string => JSON.stringify(readPlan(text, { known }));

  it('of the real plan is nowhere in what is read', () => {
    expect(plannedJson('wild')).toContain('hunter2hunter2');
    expect(JSON.stringify(planned('wild'))).not.toContain('hunter2');
  });

  it.each<[string, string]>([
    ['marked by Terraform', made([{ after: { note: 'hunter2hunter2' }, after_sensitive: { note: true } }])],
    ['below a mark', made([{ after: { notes: [{ deep: 'hunter2hunter2' }] }, after_sensitive: { notes: true } }])],
    [
      'marked before and no longer after',
      made([{ before: { note: 'hunter2hunter2' }, after: { note: 'open' }, before_sensitive: { note: true } }]),
    ],
    [
      'of a sensitive variable, inside another text',
      made([{ after: { note: 'http://x/?p=hunter2hunter2' } }], {
        variables: { pw: { value: 'hunter2hunter2' } },
        configuration: { root_module: { variables: { pw: { sensitive: true } } } },
      }),
    ],
    [
      'marked in one place and bare in another',
      made([
        { after: { note: 'hunter2hunter2' }, after_sensitive: { note: true } },
        { address: 'terraform_data.two', after: { other: '-hunter2hunter2-' } },
      ]),
    ],
    ['under a name that says so', made([{ after: { root_password: 'hunter2hunter2' } }])],
    [
      'in a message of a check',
      made([], {
        variables: { db_password: { value: 'hunter2hunter2' } },
        checks: [
          {
            address: { to_display: 'check.a' },
            status: 'fail',
            instances: [{ problems: [{ message: 'not hunter2hunter2' }] }],
          },
        ],
      }),
    ],
    [
      'as the name of a guest',
      made([{ type: machine, after: { name: 'hunter2hunter2', node_name: 'pve1' }, after_sensitive: { name: true } }]),
    ],
    [
      'by its name in a block that another kind of value takes the place of',
      made([{ before: { input: { password: 'hunter2hunter2' } }, after: { input: 'none' } }]),
    ],
    [
      'by its mark in a block that is unknown afterwards',
      made([
        {
          before: { input: { note: 'hunter2hunter2' } },
          after: {},
          before_sensitive: { input: { note: true } },
          after_unknown: { input: true },
        },
      ]),
    ],
    ['in the drift', made([], { resource_drift: [change({ after: { api_token: 'hunter2hunter2' } })] })],
  ])('%s is not shown', (_, text) => {
    const shown = shownOf(text);
    expect(shown).toContain('"ok":true');
    expect(shown).not.toContain('hunter2');
  });

  it('in a note that somebody wrote on the node is not shown, and one that is declared is', () => {
    const note = { before: { description: '' }, after: { description: 'root: hunter2hunter2' } };
    expect(shownOf(made([], { resource_drift: [change(note)] }))).not.toContain('hunter2');
    const kept = { before: note.after, after: { description: 'declared' } };
    expect(shownOf(made([kept]))).not.toContain('hunter2');
    expect(shownOf(made([kept]))).toContain('declared');
    const env = { before: { environment_variables: { A: 'hunter2hunter2' } }, after: { environment_variables: {} } };
    expect(shownOf(made([env]))).not.toContain('hunter2');
  });

  it('by its shape, or because this run holds it, is not shown', () => {
    const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA';
    expect(shownOf(made([{ after: { note: key } }]))).not.toContain('AAAA');
    expect(shownOf(made([{ after: { note: 'a 6ec0bd7f-11c0 b' } }]), ['6ec0bd7f-11c0'])).not.toContain('6ec0bd7f');
  });

  it('that is too short to be looked for elsewhere is hidden where it is marked', () => {
    const after = made([{ after: { pin: '1234' }, after_sensitive: { pin: true } }]);
    const before = made([{ before: { pin: '1234' }, before_sensitive: { pin: true } }]);
    expect(shownOf(after)).not.toContain('1234');
    expect(shownOf(before)).not.toContain('1234');
    const newly = made([{ before: { pin: '1234' }, after: { pin: '5678' }, after_sensitive: { pin: true } }]);
    expect(shownOf(newly)).not.toMatch(/1234|5678/);
    const block = { before: { input: { pin: '1234' } }, before_sensitive: { input: { pin: true } } };
    expect(shownOf(made([{ ...block, after: {}, after_unknown: { input: true } }]))).not.toContain('1234');
  });

  it('that is marked only before is hidden wherever it stands', () => {
    const marked = { before: { note: 'hunter2hunter2' }, before_sensitive: { note: true } };
    expect(
      shownOf(made([marked, { address: 'terraform_data.two', after: { other: 'hunter2hunter2' } }])),
    ).not.toContain('hunter2');
  });

  it('is still said to change', () => {
    const plan = trusted(
      made([{ before: { root_password: 'hunter2hunter2' }, after: { root_password: 'hunter3hunter3' } }]),
    );
    expect(plan.changes[0]?.attributes).toEqual([
      { path: ['root_password'], before: 'sensitive', after: 'sensitive', forces: false },
    ]);
  });
});

describe('what a plan cannot show is refused by name', () => {
  const module = (inner: object) => ({
    configuration: { root_module: { module_calls: { web: { source: './web', module: inner } } } },
  });
  it.each<[string, string, string, string]>([
    ['a provisioner', plannedJson('wild'), 'provisioner', 'terraform_data.note'],
    [
      'a provisioner in a module',
      made(
        [],
        module({
          resources: [
            {
              address: 'terraform_data.x',
              mode: 'managed',
              type: 'terraform_data',
              provisioners: [{ type: 'local-exec' }],
            },
          ],
        }),
      ),
      'provisioner',
      'module.web.terraform_data.x',
    ],
    ['a module', made([], module({})), 'module', 'module.web'],
    [
      'external data',
      made([], {
        configuration: { root_module: { resources: [{ address: 'data.external.x', mode: 'data', type: 'external' }] } },
      }),
      'external-data',
      'data.external.x',
    ],
    [
      'a provider of the configuration',
      made([], { configuration: { provider_config: { aws: { full_name: 'registry.terraform.io/hashicorp/aws' } } } }),
      'provider',
      'registry.terraform.io/hashicorp/aws',
    ],
    [
      'a provider that only the state uses',
      made([], { resource_drift: [{ ...change({}), provider_name: 'registry.terraform.io/hashicorp/null' }] }),
      'provider',
      'registry.terraform.io/hashicorp/null',
    ],
    ['an action', made([], { action_invocations: [{}] }), 'action', ''],
    ['a deferred change', made([], { deferred_changes: [{}] }), 'deferred', ''],
    ['a plan that failed half-way', made([], { errored: true }), 'failed', ''],
    ['an action that nobody knows', made([{ actions: ['teleport'] }]), 'unknown-action', 'terraform_data.one'],
  ])('%s', (_, text, kind, address) => {
    expect(trusted(text).objections.map((one) => [one.kind, one.address])).toContainEqual([kind, address]);
  });

  it('and nothing of the ordinary plan is', () => {
    expect(planned('resize').objections).toEqual([]);
  });

  it('unless the list allows it', () => {
    const text = made([], {
      configuration: {
        provider_config: { aws: { full_name: 'registry.terraform.io/hashicorp/aws' } },
        root_module: { module_calls: { web: { source: './web', module: {} } } },
      },
    });
    const read = readPlan(text, {
      allowed: { providers: [...usuallyAllowed.providers, 'registry.terraform.io/hashicorp/aws'], modules: ['./web'] },
    });
    expect(read.ok && read.plan.objections).toEqual([]);
  });
});

describe('whether a change restarts the guest', () => {
  const running = { started: true, node_name: 'pve1', vm_id: 100 };
  const update = (type: string, before: object, after: object): string | undefined =>
    trusted(made([{ type, before: { ...running, ...before }, after: { ...running, ...after } }])).changes[0]
      ?.disturbance;

  it.each<[string, string, object, object, string]>([
    ['new cores of a container', container, { cpu: [{ cores: 2 }] }, { cpu: [{ cores: 3 }] }, 'live'],
    [
      'new memory of a container',
      container,
      { memory: [{ dedicated: 1 }] },
      { memory: [{ dedicated: 2 }] },
      'restarts',
    ],
    ['a larger root disk', container, { disk: [{ size: 8 }] }, { disk: [{ size: 9 }] }, 'live'],
    [
      'other mount options',
      container,
      { disk: [{ mount_options: [] }] },
      { disk: [{ mount_options: ['noatime'] }] },
      'restarts',
    ],
    ['tags and a description', container, { tags: ['a'], description: 'x' }, { tags: ['b'], description: 'y' }, 'live'],
    [
      'tags and memory',
      container,
      { tags: ['a'], memory: [{ dedicated: 1 }] },
      { tags: ['b'], memory: [{ dedicated: 2 }] },
      'restarts',
    ],
    ['an attribute that nobody knows yet', container, { quantum: 1 }, { quantum: 2 }, 'restarts'],
    [
      'memory of a stopped container',
      container,
      { started: false, memory: [{ dedicated: 1 }] },
      { started: false, memory: [{ dedicated: 2 }] },
      'none',
    ],
    ['new cores of a machine', machine, { cpu: [{ cores: 2 }] }, { cpu: [{ cores: 3 }] }, 'restarts'],
    ['a larger disk of a machine', machine, { disk: [{ size: 8 }] }, { disk: [{ size: 9 }] }, 'restarts'],
    ['what is no guest', 'terraform_data', { input: 1 }, { input: 2 }, 'none'],
  ])('%s: %s', (_, type, before, after, disturbance) => {
    expect(update(type, before, after)).toBe(disturbance);
  });
});
