import { describe, expect, it } from 'vitest';
import { againstUnreviewed } from '../../src/terraform/index.ts';

const local = (path: string) => ({ local: { path } });
const stack = (more: object = {}, backend: object = local('../../../guests.tfstate')) => ({
  terraform: { backend },
  ...more,
});
const says = (more: object, before: object = stack()): string[] =>
  againstUnreviewed('guests', { guests: before }, { guests: stack(more) });
const input = (text: string) => ({ resource: { terraform_data: { a: { input: text } } } });

describe('what may not even be planned of code under review', () => {
  it('is nothing of a stack that stays where it is and only computes', () => {
    expect(
      says({ provider: { proxmox: [{}] }, ...input('${join(", ", [for x in terraform_data.b.output : upper(x)])}') }),
    ).toEqual([]);
    expect(says(input('a note (in brackets) beside ${terraform_data.b.id}'))).toEqual([]);
  });

  it.each([
    '${file("/proc/self/environ")}',
    '${base64encode(file ("/proc/self/environ"))}',
    '${file/* so */("/etc/passwd")}',
    '${file # so\n("/etc/passwd")}',
    '%{ if true }${filebase64("/etc/passwd")}%{ endif }',
    '${templatefile("/etc/passwd", {})}',
    '${templatestring(local.text, {})}',
    '$${file("/etc/passwd")}',
    '${fileset("/", "*")[0]}',
    '${filesha256("/etc/passwd")}',
    '${pathexpand("~")}',
    '${provider::terraform::decode_tfvars("a")}',
    '${something_new("a")}',
  ])('is the expression %s', (text) => {
    expect(says(input(text))).toEqual([expect.stringMatching(/^an expression of it calls [\w:]+\(\)/)]);
  });

  it('is such an expression in a key as well', () => {
    expect(says({ locals: { '${file("/etc/passwd")}': 1 } })).toHaveLength(1);
  });

  it('is none that the applied code has with the same fixed text, and one whose text hangs on something', () => {
    const fixed = input('${file("/etc/ssl/ca.pem")}');
    expect(says(fixed, stack(fixed))).toEqual([]);
    const hanging = input('${file(local.path)}');
    expect(says(hanging, stack(hanging))).toHaveLength(1);
  });

  it('is another backend than before', () => {
    const after = { guests: stack({}, { http: { address: 'https://elsewhere/' } }) };
    expect(againstUnreviewed('guests', { guests: stack() }, after)).toEqual([
      expect.stringMatching(/^its backend is another one/),
    ]);
    expect(againstUnreviewed('guests', { guests: stack() }, { guests: { resource: {} } })).toHaveLength(1);
  });

  it.each([
    ['as before', local('${local.place}/guests.tfstate'), 'guests'],
    ['of a new stack', local('${var.place}/dns.tfstate'), 'dns'],
    ['that chooses', local('%{ if true }a%{ else }b%{ endif }'), 'guests'],
  ])(
    'is a backend that is an expression, %s: OpenTofu works it out from what the code says elsewhere',
    (_, one, name) => {
      const before = { guests: stack({}, one) };
      expect(againstUnreviewed(name, before, { ...before, [name]: stack({}, one) })).toEqual([
        expect.stringMatching(/^its backend is an expression/),
      ]);
    },
  );

  it.each<[string, object, object, boolean]>([
    ['a path with its own name', local('../../../guests.tfstate'), local('../../../dns.tfstate'), true],
    ['the path of another stack', local('../../../guests.tfstate'), local('../../../guests.tfstate'), false],
    ['a path elsewhere', local('../../../guests.tfstate'), local('/tmp/dns.tfstate'), false],
    ['another kind', local('guests'), { http: { address: 'https://x/dns' } }, false],
    ['a schema of its own', { pg: { schema_name: 'guests' } }, { pg: { schema_name: 'dns' } }, true],
    ['the schema that all share', { pg: {} }, { pg: {} }, false],
    [
      'a connection of its own',
      { pg: { schema_name: 'guests' } },
      { pg: { schema_name: 'dns', conn_str: 'postgres://x' } },
      false,
    ],
    [
      'its own place behind the same host',
      { http: { address: 'https://git.lan/s/guests' } },
      { http: { address: 'https://git.lan/s/dns' } },
      true,
    ],
    [
      'another host that its name gives',
      { http: { address: 'https://guests.lan/s/guests' } },
      { http: { address: 'https://dns.lan/s/dns' } },
      false,
    ],
    [
      'a user in front of the host',
      { http: { address: 'https://git.lan/s/guests' } },
      { http: { address: 'https://git.lan@evil/s/dns' } },
      false,
    ],
  ])('of a new stack with %s', (_name, known, wanted, may) => {
    const found = againstUnreviewed('dns', { guests: stack({}, known) }, { dns: stack({}, wanted) });
    expect(found).toEqual(may ? [] : [expect.stringMatching(/^it is new, and its backend/)]);
  });

  it('is data that a provider beside the usual ones reads while the plan is made, where the difference reaches it', () => {
    const required = { required_providers: { local: { source: 'hashicorp/local' }, pve: { source: 'bpg/proxmox' } } };
    const terraform = { backend: local('../../../guests.tfstate'), ...required };
    const read = (filename: string) => ({ terraform, data: { local_file: { a: { filename } } } });
    const says = (is: object, was: object = { terraform }) =>
      againstUnreviewed('guests', { guests: was }, { guests: is });
    const refused = [expect.stringMatching(/^data\.local_file\.a is read by hashicorp\/local while the plan is made/)];
    expect(says(read('/proc/self/environ'))).toEqual(refused);
    expect(says(read('/proc/self/environ'), read('/etc/motd'))).toEqual(refused);
    expect(says(read('/etc/motd'), read('/etc/motd'))).toEqual([]);
    const by = (path: string) => ({ ...read('${local.path}'), locals: { path } });
    expect(says(by('/proc/self/environ'), by('/etc/motd'))).toEqual(refused);
    expect(says({ ...read('/etc/motd'), resource: { terraform_data: { b: {} } } }, read('/etc/motd'))).toEqual([]);
    // By another name: what counts is whose the provider is.
    expect(says({ terraform, data: { local_file: { a: { provider: 'pve.b' } } } })).toEqual([]);
    expect(says({ terraform, data: { pve_x: { a: { provider: 'local' } } } })).toHaveLength(1);
    expect(says({ terraform, data: { pve_version: { a: {} } } })).toEqual([]);
  });

  it('is what a check block reads: no address keeps Terraform from it where a stack has no other', () => {
    const state = (path: string) => ({ terraform_remote_state: { x: { backend: 'http', config: { address: path } } } });
    const check = (data: unknown) => ({ check: { c: { data, assert: [{ condition: true, error_message: 'no' }] } } });
    const refused = [expect.stringMatching(/^check\.c\.data\.\w+\.x is read by \S+ while the plan is made/)];
    expect(says(check(state('https://evil.lan/')))).toEqual(refused);
    expect(says(check([{ external: [{ x: [{ program: ['env'] }] }] }]))).toEqual(refused);
    expect(says({ check: [{ c: [check(state('a')).check.c] }] })).toEqual(refused);
    expect(says(check(state('a')), stack(check(state('a'))))).toEqual([]);
    expect(says(check(state('${local.a}')), stack(check(state('${local.a}'))))).toEqual(refused);
    expect(says(check({}))).toEqual([]);
  });

  it('is a provider that is set otherwise than before, whichever', () => {
    const set = { provider: { other: [{ url: 'https://a' }] } };
    expect(says(set)).toEqual([expect.stringMatching(/^the block of the provider other sets url otherwise/)]);
    expect(says(set, stack(set))).toEqual([]);
    expect(says({ provider: { proxmox: [{ alias: 'b' }] } })).toEqual([]);
  });

  it('is the state of somebody else that it would read', () => {
    const remote = (address: string) => ({
      data: { terraform_remote_state: { x: { backend: 'http', config: { address } } } },
    });
    expect(says(remote('https://a'))).toHaveLength(1);
    expect(says(remote('https://a'), stack(remote('https://a')))).toEqual([]);
    expect(says(remote('https://a/${local.x}'), stack(remote('https://a/${local.x}')))).toHaveLength(1);
    // As cdktf and cdktn write a reference to another stack: what is in `workspace` is the same wherever it stands.
    const beside = (workspace: string) => ({
      data: {
        terraform_remote_state: { x: { backend: 'local', config: { path: '../../../net.tfstate' }, workspace } },
      },
    });
    const [own, other] = [beside('${terraform.workspace}'), beside('${terraform.workspace}-${local.x}')];
    expect([says(own, stack(own)), says(own), says(other, stack(other))].map((all) => all.length)).toEqual([0, 1, 1]);
  });

  it('is an asset, which gitmend does not take along, where the change reaches it', () => {
    const path = 'assets/files/7803FFCAEA43BB81A439FDE13B29BC35/motd';
    const needs = [
      `terraform_data.a needs ${path.slice(0, -5)}, and gitmend takes cdk.tf.json alone of a synthesis: read the file in the stack code`,
    ];
    expect(says(input(path))).toEqual(needs);
    const [kept, added] = [{ a: { input: path } }, { b: { input: 'x' } }];
    const both = { resource: { terraform_data: { ...kept, ...added } } };
    expect(says(both, stack(input(path)))).toEqual([]);
    expect(says(input('my/assets/files/7803FFCAEA43BB81A439FDE13B29BC35'))).toEqual([]);
  });

  it.each([
    [{ resource: [{ terraform_data: { a: {} } }] }, 'resource'],
    [{ resource: { terraform_data: [{ a: { provisioner: [] } }] } }, 'resource.terraform_data'],
    [{ data: { terraform_remote_state: [{ x: {} }] } }, 'data.terraform_remote_state'],
    [{ locals: [{ a: 1 }] }, 'locals'],
  ])('is a list where a map is looked into: %j', (more, place) => {
    expect(says(more)).toContain(`its ${place} is no map, and what stands in it cannot be judged`);
  });

  it('is a name that cannot be a folder', () => {
    for (const name of ['../x', 'a b', '', 'x'.repeat(65), '.hidden'])
      expect(againstUnreviewed(name, {}, { [name]: stack() })).toEqual([
        expect.stringMatching(/^its name is no plain word/),
      ]);
  });
});
