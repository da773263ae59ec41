import { parse } from 'yaml';
import type { DeclaredGuest } from '../core/declared-guest.ts';
import type { NewGuest } from './found.ts';

/** guests/<name>.yaml, in the same words and order as the template's. `headline` is the remark behind its path. */
export function guestFile(
  guest: NewGuest & Partial<Pick<DeclaredGuest, 'carries'>>,
  cluster: string,
  headline = 'As Proxmox VE had it when it was imported.',
): string {
  const { name, node, vmid, type, cores, memory, swap, disk, network, tags, carries = [] } = guest;
  const { bridge, address, gateway } = network;
  const net = [
    `bridge: ${text(bridge)}`,
    ...(address ? [`address: ${inFlow(address)}`] : []),
    ...(gateway ? [`gateway: ${inFlow(gateway)}`] : []),
  ];
  return `# guests/${name}.yaml${headline === '' ? '' : `   ${headline}`}
name: ${text(name)}
cluster: ${text(cluster)}
node: ${text(node)}
vmid: ${vmid}
type: ${type}
cores: ${cores}
memory: ${memory}      # MiB
${swap === undefined ? '# A virtual machine has its swap inside.' : `swap: ${swap}      # MiB`}
disk: { storage: ${text(disk.storage)}, size: ${disk.size} }      # GiB
network: { ${net.join(', ')} }
tags: [${tags.map(text).join(', ')}]
carries: [${carries.join(', ')}]       # forge, gitmend, prometheus, state: what this guest must not be stopped for lightly
${optionalLines(guest)}`;
}

/** What a file says only where it is to be managed. */
function optionalLines({ started, protection, clone, leave }: NewGuest): string {
  const lines = [
    ...(started === undefined ? [] : [`started: ${started}`]),
    ...(protection === undefined ? [] : [`protection: ${protection}`]),
    ...(clone === undefined
      ? []
      : [
          `clone: { from: ${clone.from} }      # the template that it is made of, once; an edit of it later changes nothing`,
        ]),
    ...(leave === undefined
      ? []
      : [`leave: [${leave.join(', ')}]       # what this file cannot say in full: Terraform leaves it as it is`]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** A word that YAML may take for something else (\`on\`, \`1e3\`) stands in quotes. */
function text(word: string): string {
  return /^[A-Za-z][A-Za-z0-9_.-]*$/.test(word) && parse(word) === word ? word : JSON.stringify(word);
}

/** An address of IPv6 stands in quotes: a colon ends a key. */
function inFlow(address: string): string {
  return address.includes(':') ? JSON.stringify(address) : address;
}
