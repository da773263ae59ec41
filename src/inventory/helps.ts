import { isCalled } from '../core/declared-guest.ts';
import type { Signal } from '../core/signal.ts';
import { labelOf } from './cluster.ts';
import type { Inventory } from './inventory.ts';

/**
 * What a person can do so that an alert without a label `id` says which guest it means. Its host may be one that is
 * declared: that is said for a person to confirm, and never taken for an answer.
 */
export function helpsWithoutId(signal: Signal, { declared, live }: Inventory): string[] {
  const hosts = ['instance', 'nodename', 'host', 'hostname'].flatMap((label) => hostOf(labelOf(signal, label)) ?? []);
  const isHost = (name: string, address?: string): boolean =>
    hosts.some((host) => isCalled(name, host) || host === address);
  const node = live.find((guest) => isHost(guest.node))?.node;
  if (node !== undefined) return [`${node} is a node: nodes are reported, never changed`];
  const guests = declared.flatMap(({ guest }) => (isHost(guest.name, addressOf(guest.network)) ? [guest] : []));
  const [only] = guests;
  const where = 'give its target in Prometheus the label';
  return only !== undefined && guests.length === 1
    ? [`if it is ${only.name}, ${where} id: ${only.type}/${only.vmid} (static_configs, labels)`]
    : [`${where} id: lxc/<vmid> or qemu/<vmid> of the guest that it is in (static_configs, labels)`];
}

/** cAdvisor's `id` is the path of a control group. */
export function helpsWithWrongId(id: string): string[] {
  const [, vmid] = /^\/lxc\/([1-9][0-9]{2,8})(?:\/|$)/.exec(id) ?? [];
  if (vmid === undefined) return [];
  const relabel = '{ source_labels: [id], regex: "/lxc/([0-9]+).*", target_label: id, replacement: "lxc/$1" }';
  return [`it is the path of a control group; under alert_relabel_configs of Prometheus: ${relabel}`];
}

/** `192.168.1.20` of `192.168.1.20:9100`, `fd00::20` of `[fd00::20]:9100`, `web.lan` of `web.lan:9100`. */
function hostOf(value: string | undefined): string | undefined {
  const [, six, other] = /^(?:\[([0-9a-f:]+)\]|([^:/[\]]+))(?::\d+)?$/i.exec(value ?? '') ?? [];
  return (six ?? other)?.toLowerCase();
}

function addressOf({ address }: { address?: string }): string | undefined {
  return address?.split('/')[0]?.toLowerCase();
}
