import { sameValue } from '../core/json.ts';
import { dataInChecks } from './checks.ts';
import { valueAt } from './inside.ts';
import { reachOf, type Stacks } from './reach.ts';

// Providers that ask Proxmox VE, or compute. Every other one may read this machine, or ask an address, while a plan is made.
const asking = /^(?:registry\.(?:terraform\.io|opentofu\.org)\/)?bpg\/proxmox$|^terraform\.io\/builtin\/terraform$/;

/** What stands against what the difference of a stack reaches, one sentence each: data that is read, then missing files. */
export function againstReached(stack: string, before: Stacks, after: Stacks): string[] {
  const [reach] = reachOf(stack in before ? { [stack]: before[stack] } : {}, { [stack]: after[stack] });
  const addresses = reach?.addresses ?? [];
  return [...dataReached(after[stack], addresses), ...assetsReached(after[stack], addresses)];
}

/**
 * Data that the code under review has read while the plan is made, of providers that the owner allowed for what is
 * approved: `local_file` reads this machine's files, where the token is, and `http` sends what it is told to. Of
 * those alone that the difference reaches.
 */
function dataReached(config: unknown, addresses: readonly string[]): string[] {
  return addresses.flatMap((address) => {
    const [section, type = '', name = ''] = address.split('.');
    const block = section === 'data' ? valueAt(config, 'data', type, name) : undefined;
    // A remote state has a rule of its own.
    if (block === undefined || type === 'terraform_remote_state') return [];
    const source = sourceOf(config, type, block);
    return asking.test(source) ? [] : [`${address} is read by ${source} while the plan is made, and is not as before`];
  });
}

/** `assets/files/7803FFCAEA43BB81A439FDE13B29BC35/motd`: where cdktf and cdktn put what a TerraformAsset names. */
const asset = /(?<![\w./-])assets\/[\w./-]+\/[0-9A-F]{32}\b/;

/** What is reached and names a file that is not there: of a synthesis only cdk.tf.json is taken. */
function assetsReached(config: unknown, addresses: readonly string[]): string[] {
  return addresses.flatMap((address) => {
    const [path] = asset.exec(JSON.stringify(valueAt(config, ...placeOf(address)) ?? '')) ?? [];
    return path === undefined
      ? []
      : [
          `${address} needs ${path}, and gitmend takes cdk.tf.json alone of a synthesis: read the file in the stack code`,
        ];
  });
}

function placeOf(address: string): string[] {
  const parts = address.split('.');
  return parts[0] === 'data' ? parts.slice(0, 3) : ['resource', ...parts.slice(0, 2)];
}

/** As `dataReached` inside of check blocks, and remote states there too: what they are asked for may hang on anything. */
export function dataChecked(was: unknown, config: unknown): string[] {
  const known = dataInChecks(was);
  return dataInChecks(config).flatMap(({ type, address, block }) => {
    const source = sourceOf(config, type, block);
    if (type !== 'terraform_remote_state' && asking.test(source)) return [];
    const same = known.some((one) => one.address === address && sameValue(one.block, block));
    return same && !/[$%]\{/.test(JSON.stringify(block))
      ? []
      : [`${address} is read by ${source} while the plan is made`];
  });
}

/** `registry.terraform.io/hashicorp/local`, or as short as the stack says it. */
function sourceOf(config: unknown, type: string, block: unknown): string {
  const set = [block]
    .flat()
    .map((body) => valueAt(body, 'provider'))
    .find((one) => typeof one === 'string');
  const local = set?.split('.')[0] ?? type.split('_')[0] ?? '';
  if (local === 'terraform') return 'terraform.io/builtin/terraform';
  const source = valueAt(config, 'terraform', 'required_providers', local, 'source');
  return typeof source === 'string' ? source : `hashicorp/${local}`;
}
