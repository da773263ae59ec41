// What somebody has who came with cdktf (0.21.0, the last one): two stacks, a variable, outputs, one stack that refers to
// the other, a block that the constructs do not know (addOverride), and a folder that goes along (TerraformAsset). As text,
// because cdktf is no dependency of gitmend: `write.ts` installs it beside and runs this for real.

const main = `import { App } from 'cdktf';
import { GuestsStack } from './guests-stack.ts';
import { NetStack } from './net-stack.ts';

// importFrom would run \`terraform version\`, which is not in gitmend's sandbox.
const app = new App({ skipValidation: true });
const net = new NetStack(app, 'net', 'home.lan');
new GuestsStack(app, 'guests', net);
app.synth();
`;

const netStack = `import { LocalBackend, TerraformOutput, TerraformResource, TerraformStack, TerraformVariable } from 'cdktf';
import type { Construct } from 'constructs';

/** The zone that other stacks refer to. */
export class NetStack extends TerraformStack {
  readonly zone: string;

  constructor(scope: Construct, id: string, fallback: string) {
    super(scope, id);
    new LocalBackend(this, { path: \`../../../\${id}.tfstate\` });
    const zone = new TerraformVariable(this, 'zone', { type: 'string', default: fallback, description: 'names end with it' });
    const kept = new TerraformResource(this, 'kept', { terraformResourceType: 'terraform_data' });
    kept.addOverride('input', zone.stringValue);
    this.zone = kept.getStringAttribute('output');
    new TerraformOutput(this, 'zone_name', { value: this.zone, description: 'as it is' });
  }
}
`;

const guestsStack = `import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AssetType, Fn, LocalBackend, TerraformAsset, TerraformOutput, TerraformProvider, TerraformResource, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { parse } from 'yaml';
import type { NetStack } from './net-stack.ts';

const here = import.meta.dirname;
const generator = { providerName: 'proxmox', providerVersion: '0.111.1', providerVersionConstraint: '0.111.1' };

/** One container as its file says, and a text that the other stack has a part in. */
export class GuestsStack extends TerraformStack {
  constructor(scope: Construct, id: string, net: NetStack) {
    super(scope, id);
    new LocalBackend(this, { path: \`../../../\${id}.tfstate\` });
    new TerraformProvider(this, 'proxmox', {
      terraformResourceType: 'proxmox',
      terraformGeneratorMetadata: generator,
      terraformProviderSource: 'bpg/proxmox',
    });
    const { node, vmid, disk } = parse(readFileSync(join(here, '..', 'guests', 'nextcloud.yaml'), 'utf8')) as Guest;
    const container = new TerraformResource(this, 'nextcloud', {
      terraformResourceType: 'proxmox_virtual_environment_container',
      terraformGeneratorMetadata: generator,
      lifecycle: { preventDestroy: true },
    });
    container.addOverride('node_name', node);
    container.addOverride('vm_id', vmid);
    container.addOverride('disk', { datastore_id: disk.storage, size: disk.size });
    container.addOverride('lifecycle.ignore_changes', kept);
    container.importFrom(\`\${node}/\${vmid}\`);

    const files = new TerraformAsset(this, 'files', { path: join(here, 'files'), type: AssetType.DIRECTORY });
    const banner = new TerraformResource(this, 'banner', { terraformResourceType: 'terraform_data' });
    banner.addOverride('input', Fn.join(' ', ['nextcloud of', net.zone]));
    banner.addOverride('triggers_replace', files.assetHash);
    new TerraformOutput(this, 'where', { value: container.getStringAttribute('node_name') });
  }
}

interface Guest {
  node: string;
  vmid: number;
  disk: { storage: string; size: number };
}

/** Left as Proxmox VE has it. */
const kept = [
  ...['console', 'cpu', 'description', 'features', 'initialization', 'memory', 'mount_point', 'network_interface', 'operating_system'],
  ...['pool_id', 'protection', 'started', 'start_on_boot', 'startup', 'tags', 'unprivileged', 'vm_id', 'device_passthrough'],
  ...['environment_variables', 'hook_script_file_id', 'idmap', 'timeout_clone', 'timeout_create', 'timeout_delete', 'timeout_start', 'timeout_update'],
  ...['disk[0].acl', 'disk[0].datastore_id', 'disk[0].mount_options', 'disk[0].quota', 'disk[0].replicate'],
];
`;

/** stacks/ of such a repository. */
export const cdktfApp = {
  'stacks/main.ts': main,
  'stacks/net-stack.ts': netStack,
  'stacks/guests-stack.ts': guestsStack,
  'stacks/files/motd': 'Welcome\n',
};

/** What is edited of it, one file each, in the order of the story; the guest's file is gitmend's. */
export const edits = {
  zone: { file: 'stacks/main.ts', from: 'home.lan', to: 'lab.lan' },
  disk: { file: 'guests/nextcloud.yaml', from: 'size: 64', to: 'size: 80' },
  banner: { file: 'stacks/guests-stack.ts', from: 'nextcloud of', to: 'cloud of' },
} as const;
export type Edit = keyof typeof edits;
