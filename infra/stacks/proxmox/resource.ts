import { TerraformProvider, TerraformResource, type TerraformResourceLifecycle } from 'cdktn';
import type { Construct } from 'constructs';

// A typed layer over bpg/proxmox for the attributes that a home lab uses, named as the provider names them. There is no
// prebuilt binding. gitmend's own tests hold every attribute against the provider's schema of this version.
const version = '0.111.1';
const metadata = { providerName: 'proxmox', providerVersion: version, providerVersionConstraint: version };

/** Credentials and endpoint come from the environment of the one who runs Terraform, never from here. */
export class ProxmoxProvider extends TerraformProvider {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      terraformResourceType: 'proxmox',
      terraformProviderSource: 'bpg/proxmox',
      terraformGeneratorMetadata: metadata,
    });
  }
}

/** One resource: its attributes go to Terraform as they are written here. */
export abstract class ProxmoxResource<Attributes extends object> extends TerraformResource {
  private readonly attributes: Attributes;

  protected constructor(scope: Construct, id: string, type: string, attributes: Attributes, lifecycle?: TerraformResourceLifecycle) {
    super(scope, id, { terraformResourceType: type, terraformGeneratorMetadata: metadata, ...(lifecycle === undefined ? {} : { lifecycle }) });
    this.attributes = attributes;
  }

  protected override synthesizeAttributes(): { [name: string]: unknown } {
    return Object.fromEntries(Object.entries(this.attributes));
  }
}
