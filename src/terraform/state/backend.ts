import type { StateConfig } from '../../core/config.ts';
import { valueAt } from '../inside.ts';

type Door = Pick<StateConfig, 'url'>;

/** Where `gitmend serve` keeps the state of one stack. */
export function stateAddress({ url }: Door, stack: string): string {
  return `${url}/terraform/state/${stack}`;
}

/** Whether a synthesized stack says that `gitmend serve` keeps its state: only such a one is given the password. */
export function keptByGitmend(config: unknown, door: Door | undefined): boolean {
  if (door === undefined) return false;
  const address = backendOf(config)?.['address'];
  return typeof address === 'string' && address.startsWith(stateAddress(door, ''));
}

/**
 * What is wrong with a backend of ours: it must be this stack's own state, or two stacks would destroy each other's guests;
 * it must lock; and the password goes to this door alone. Empty where the state is kept elsewhere.
 */
export function againstBackend(stack: string, config: unknown, door: Door | undefined): string[] {
  const backend = backendOf(config);
  if (door === undefined || backend === undefined || !keptByGitmend(config, door)) return [];
  const own = stateAddress(door, stack);
  const addresses = ['address', 'lock_address', 'unlock_address'].filter((key) => backend[key] !== own);
  const set = (key: string): boolean => backend[key] !== undefined && backend[key] !== null;
  const strange = [...methods, 'username', 'password', 'skip_cert_verification'].filter(set);
  const elsewhere = remoteStates(config).filter((address) => !address.startsWith(stateAddress(door, '')));
  return [
    ...addresses.map((key) => `its backend's ${key} is not ${own}`),
    ...strange.map((key) => `its backend sets ${key}, which is gitmend's to say`),
    ...elsewhere.map(() => 'a terraform_remote_state by http leads elsewhere, and would be sent the password'),
  ];
}

const methods = ['update_method', 'lock_method', 'unlock_method'];

function backendOf(config: unknown): { [key: string]: unknown } | undefined {
  const value = first(valueAt(first(valueAt(config, 'terraform')), 'backend'));
  const backend = first(valueAt(value, 'http'));
  return typeof backend === 'object' && backend !== null ? (backend as { [key: string]: unknown }) : undefined;
}

/** Addresses of the states that a stack reads by HTTP, as it says them; '' where it says none that can be read. */
function remoteStates(config: unknown): string[] {
  const named = valueAt(config, 'data', 'terraform_remote_state');
  const blocks = typeof named === 'object' && named !== null ? Object.values(named) : [];
  return blocks.flat().flatMap((block: unknown) => {
    if (valueAt(block, 'backend') !== 'http') return [];
    const address = valueAt(first(valueAt(block, 'config')), 'address');
    return [typeof address === 'string' ? address : ''];
  });
}

/** A block, which JSON may also give as a list of one. */
function first(value: unknown): unknown {
  return Array.isArray(value) ? (value[0] as unknown) : value;
}
