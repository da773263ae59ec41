import type { ProxmoxClient } from '../clients/proxmox/index.ts';
import type { Clock } from '../core/clock.ts';
import { GitmendError } from '../core/errors.ts';
import type { Applier } from './applier.ts';
import { proxmoxApplier } from './proxmox/index.ts';
import type { OnStack } from './terraform/index.ts';

/** What the mechanisms stand on, constructed once at the entry point. */
export interface ApplierMeans {
  /** The client of a configured cluster. Throws a GitmendError for any other name. */
  proxmox: (cluster: string) => ProxmoxClient;
  clock: Clock;
  /** Terraform on the stack of a step. Absent where no Terraform is set up. */
  terraform?: OnStack;
}

/** Every mechanism, by the name that a step calls it: one folder beside this file each. */
export const appliers: { readonly [name: string]: (means: ApplierMeans) => Applier } = {
  proxmox: ({ proxmox, clock }) => proxmoxApplier(proxmox, clock),
  terraform: ({ proxmox, terraform = notSetUp }) =>
    loadedAtFirst('terraform', async () => {
      const { terraformApplier } = await import('./terraform/index.ts');
      return terraformApplier(terraform, proxmox);
    }),
};

/** A mechanism that most homes never use costs no start anything. */
function loadedAtFirst(name: string, load: () => Promise<Applier>): Applier {
  let loading: Promise<Applier> | undefined;
  const applier = () => (loading ??= load());
  return {
    name,
    read: async (target) => (await applier()).read(target),
    preview: async (step) => (await applier()).preview(step),
    apply: async (step, token) => (await applier()).apply(step, token),
    observe: async (step) => (await applier()).observe(step),
    revertPending: async (step) => (await applier()).revertPending(step),
  };
}

function notSetUp(): never {
  throw new GitmendError('TERRAFORM_MISSING', 'this command is not set up to run Terraform');
}

/** The mechanism of a step. Throws INTERNAL where a step names one that does not exist. */
export function applierNamed(name: string, means: ApplierMeans): Applier {
  const make = Object.hasOwn(appliers, name) ? appliers[name] : undefined;
  if (make === undefined) throw new GitmendError('INTERNAL', `a step names the applier ${name}, and there is none`);
  return make(means);
}
