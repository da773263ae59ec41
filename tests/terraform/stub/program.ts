// What stands in for `terraform` with bpg/proxmox where only gitmend's side of the wire is tested: argv, environment,
// files and exit codes as Terraform's, plans in its JSON (format 1.2), and requests to the stand-in for Proxmox VE. The
// real one is in tests/terraform/real. STUB_TROUBLE in the wrapper's environment makes it fail as Terraform does.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

interface Resource {
  node_name: string;
  vm_id: number;
  name?: string;
  disk: { size: number };
  memory: { dedicated: number };
  cpu: { cores: number };
  initialization?: { hostname: string };
}
interface Change {
  address: string;
  mode: string;
  type: string;
  provider_name: string;
  change: {
    actions: string[];
    before: object | null;
    after: object | null;
    after_unknown: object;
    before_sensitive: object;
    after_sensitive: object;
    importing?: { id: string };
  };
}

const provider = 'registry.terraform.io/bpg/proxmox';
const [verb = '', ...words] = process.argv.slice(2);
const stateFile = process.env['STUB_STATE'] ?? '../../../guests.tfstate';

const trouble = process.env['STUB_TROUBLE'] ?? '';
const troubleFile = process.env['STUB_TROUBLE_FILE'] ?? '';
const now = troubleFile !== '' && existsSync(troubleFile) ? readFileSync(troubleFile, 'utf8').trim() : trouble;
const locked =
  'Error: Error acquiring the state lock\n\nLock Info:\n  ID:        6b2f\n  Operation: OperationTypeApply\n  Who:       alice@desk\n  Created:   2026-11-20 03:00:00 UTC\n';
const says: { readonly [name: string]: string } = {
  'locked plan': locked,
  'locked-late apply': locked,
  'refused apply': 'Error: error resizing container disk: received an HTTP 500 response\n',
};

async function main(): Promise<number> {
  const said = says[`${now} ${verb}`];
  if (said !== undefined) {
    process.stderr.write(said);
    return 1;
  }
  if (now === `killed ${verb}`) process.kill(process.pid, 'SIGKILL');
  switch (verb) {
    case 'version':
      process.stdout.write('{"terraform_version": "1.11.4"}\n');
      return 0;
    case 'init':
      return 0;
    case 'plan': {
      const changes = await planned(words.filter((word) => word.startsWith('-target=')).map((word) => word.slice(8)));
      const out = words.find((word) => word.startsWith('-out='))?.slice(5) ?? '';
      writeFileSync(out, JSON.stringify(changes));
      return changes.some(({ change }) => change.actions.join() !== 'no-op') ? 2 : 0;
    }
    case 'show':
      process.stdout.write(shown(words.at(-1) ?? ''));
      return 0;
    case 'apply':
      if (!words.includes('-refresh-only')) await apply(words.at(-1) ?? '');
      return 0;
    default:
      return 1;
  }
}

function shown(file: string): string {
  const resource_changes: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return JSON.stringify({
    format_version: '1.2',
    terraform_version: '1.11.4',
    errored: false,
    resource_changes,
    configuration: { provider_config: { proxmox: { name: 'proxmox', full_name: provider } }, root_module: {} },
  });
}

/** Addresses that were applied once: what a destruction is told by. */
function state(): { [address: string]: { node_name: string; vm_id: number } } {
  return existsSync(stateFile) ? (JSON.parse(readFileSync(stateFile, 'utf8')) as ReturnType<typeof state>) : {};
}

async function planned(targets: string[]): Promise<Change[]> {
  const config = JSON.parse(readFileSync('cdk.tf.json', 'utf8')) as {
    resource?: { [type: string]: { [name: string]: Resource } };
    import?: { to: string; id: string }[];
  };
  return Promise.all(
    targets.map(async (address) => {
      const [type = '', name = ''] = address.split('.');
      if (type === 'terraform_data') return plannedData(address, config.resource?.[type]?.[name]);
      const wanted = config.resource?.[type]?.[name];
      const known = state()[address];
      const place = wanted ?? known;
      const live = place === undefined ? null : await read(type, place.node_name, place.vm_id);
      const after =
        wanted === undefined ? null : live === null ? plain(wanted) : { ...live, disk: [{ size: wanted.disk.size }] };
      const same = JSON.stringify(after) === JSON.stringify(live);
      const actions = same ? ['no-op'] : live === null ? ['create'] : after === null ? ['delete'] : ['update'];
      const importing =
        known === undefined && live !== null ? { importing: { id: `${place?.node_name}/${place?.vm_id}` } } : {};
      return {
        address,
        mode: 'managed',
        type,
        provider_name: provider,
        change: {
          actions,
          before: live,
          after,
          after_unknown: {},
          before_sensitive: {},
          after_sensitive: {},
          ...importing,
        },
      };
    }),
  );
}

/** What Terraform keeps in its state alone. */
function plannedData(address: string, wanted: object | undefined): Change {
  const [before, after] = [state()[address] ?? null, wanted === undefined ? null : withoutNotes(wanted)];
  const same = JSON.stringify(before) === JSON.stringify(after);
  const actions = same ? ['no-op'] : before === null ? ['create'] : after === null ? ['delete'] : ['update'];
  const marks = { after_unknown: {}, before_sensitive: {}, after_sensitive: {} };
  return {
    ...{ address, mode: 'managed', type: 'terraform_data', provider_name: 'terraform.io/builtin/terraform' },
    change: { actions, before, after, ...marks },
  };
}

function withoutNotes(block: object): object {
  return Object.fromEntries(Object.entries(block).filter(([key]) => key !== '//'));
}

function plain({ node_name, vm_id, disk, memory, cpu, initialization, name }: Resource): object {
  const called = initialization === undefined ? { name } : { initialization: [{ hostname: initialization.hostname }] };
  return { node_name, vm_id, ...called, started: true, cpu: [cpu], memory: [memory], disk: [{ size: disk.size }] };
}

const kindOf = (type: string): string => (type.endsWith('_vm') ? 'qemu' : 'lxc');

async function read(type: string, node: string, vmid: number): Promise<object | null> {
  const answer = await call('GET', `/nodes/${node}/${kindOf(type)}/${vmid}/config?current=1`);
  if (answer === undefined) return null;
  const config = answer as { [key: string]: unknown };
  const volume = JSON.stringify(config['rootfs'] ?? config['scsi0'] ?? '');
  const size = Number(/size=(\d+)G/.exec(volume)?.[1] ?? 0);
  const called =
    kindOf(type) === 'qemu' ? { name: config['name'] } : { initialization: [{ hostname: config['hostname'] }] };
  return {
    node_name: node,
    vm_id: vmid,
    ...called,
    started: true,
    cpu: [{ cores: Number(config['cores']) }],
    memory: [{ dedicated: Number(config['memory']) }],
    disk: [{ size }],
  };
}

async function apply(file: string): Promise<void> {
  const changes = JSON.parse(readFileSync(file, 'utf8')) as Change[];
  let known = state();
  for (const { address, type, change } of changes) {
    if (type === 'terraform_data') {
      const others = Object.entries(known).filter(([one]) => one !== address);
      known = Object.fromEntries([...others, ...(change.after === null ? [] : [[address, change.after as never]])]);
      continue;
    }
    const { node_name: node, vm_id: vmid } = (change.after ?? change.before) as Resource;
    if (change.actions.join() === 'update') {
      const { disk } = change.after as unknown as { disk: { size: number }[] };
      const name = kindOf(type) === 'lxc' ? 'rootfs' : 'scsi0';
      await call('PUT', `/nodes/${node}/${kindOf(type)}/${vmid}/resize`, {
        disk: name,
        size: `${disk[0]?.size ?? 0}G`,
      });
    }
    known[address] = { node_name: node, vm_id: vmid };
  }
  rmSync(stateFile, { force: true });
  writeFileSync(stateFile, JSON.stringify(known), { mode: 0o600 });
}

async function call(method: string, path: string, body?: { [key: string]: string }): Promise<unknown> {
  const answer = await fetch(`${process.env['PROXMOX_VE_ENDPOINT'] ?? ''}/api2/json${path}`, {
    method,
    headers: { authorization: `PVEAPIToken=${process.env['PROXMOX_VE_API_TOKEN'] ?? ''}` },
    ...(body === undefined ? {} : { body: new URLSearchParams(body) }),
  });
  if (!answer.ok && method === 'GET') return undefined;
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`);
  return ((await answer.json()) as { data: unknown }).data;
}

process.exitCode = await main();
