import { join } from 'node:path';
import type { TerraformConfig } from '../core/config.ts';
import { programName, registryOf } from '../terraform/index.ts';
import { about, type Finding } from './finding.ts';
import type { TerraformPatient } from './patient.ts';
import { objectIn } from './stacks.ts';

interface Provider {
  host: string;
  /** `bpg/proxmox` */
  name: string;
  type: string;
  /** A version, or a range of them. */
  version: string;
}

/** Every provider that the stacks name: pinned, and in the mirror where gitmend.yaml names one. The registry is not asked. */
export async function examineMirror(
  patient: Pick<TerraformPatient, 'list' | 'platform'>,
  stacks: { readonly [stack: string]: unknown },
  setting: TerraformConfig,
): Promise<Finding[]> {
  const registry = registryOf(programName(setting.program));
  const wanted = Object.values(stacks).flatMap((config) => providersOf(config, registry));
  const once = [...new Map(wanted.map((one) => [`${one.host}/${one.name} ${one.version}`, one])).values()];
  return Promise.all(once.map((provider) => providerFinding(patient, provider, setting)));
}

function providersOf(config: unknown, ownRegistry: string): Provider[] {
  return Object.entries(objectIn(objectIn(config, 'terraform'), 'required_providers')).flatMap(([local, required]) => {
    const { source, version } = objectIn({ required }, 'required');
    const parts = (typeof source === 'string' ? source : `hashicorp/${local}`).split('/');
    const [host = '', owner = '', type = ''] = parts.length === 2 ? [ownRegistry, ...parts] : parts;
    const pin = typeof version === 'string' ? version.replace(/^=?\s*/, '') : '';
    // Terraform brings its own.
    return host === 'terraform.io' ? [] : [{ host, name: `${owner}/${type}`, type, version: pin }];
  });
}

async function providerFinding(
  patient: Pick<TerraformPatient, 'list' | 'platform'>,
  provider: Provider,
  { mirror, program }: TerraformConfig,
): Promise<Finding> {
  const { ok, warn, fault } = about(`provider ${provider.name}`);
  const { version } = provider;
  if (!/^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/.test(version))
    return warn(
      version === '' ? 'no version is named' : `its version ${version} is a range`,
      'pin one version in stacks/: another one may plan otherwise than was shown',
    );
  if (mirror === undefined) return ok(`${version} comes from ${provider.host}, which is not asked here`);
  if (await isIn(patient, mirror, provider)) return ok(`${version} is in ${mirror}`);
  const what = `${version} for ${patient.platform} is not in ${mirror}`;
  return fault(
    what,
    `${program} providers mirror ${mirror} beside a stack that names it, on a machine with the registry`,
  );
}

/** Unpacked or packed, as `filesystem_mirror` takes both (developer.hashicorp.com/terraform/cli/config/config-file). */
async function isIn(
  { list, platform }: Pick<TerraformPatient, 'list' | 'platform'>,
  mirror: string,
  { host, name, type, version }: Provider,
): Promise<boolean> {
  const place = join(mirror, host, name);
  const listed = (folder: string): Promise<string[]> => list(folder).catch(() => []);
  const packed = await listed(place);
  if (packed.includes(`terraform-provider-${type}_${version}_${platform}.zip`)) return true;
  const unpacked = await listed(join(place, version, platform));
  return unpacked.some((file) => file.startsWith(`terraform-provider-${type}`));
}
