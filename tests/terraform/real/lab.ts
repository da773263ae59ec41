import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { homeTokens, type Pve } from '../../../simulators/pve/index.ts';
import { layOutStack, type StackFolder } from '../../../src/appliers/terraform/folder.ts';
import { type Terraform, terraformOn, type TerraformSetting } from '../../../src/appliers/terraform/terraform.ts';
import { importingOnly } from '../../../src/terraform/index.ts';
import { synthesize } from '../../../src/synth/index.ts';
import { answers, needs, wants } from '../../support/needs.ts';
import { type LabSetUp, pveLab } from '../../support/pve-lab.ts';
import { input, templateWith } from '../../synth/examples.ts';
import { mirror, provider } from '../provider/build.ts';

/** The program that these tests run: `terraform`, or the OpenTofu that GITMEND_TEST_TOFU names by its path. */
export const program = process.env['GITMEND_TEST_TOFU'] ?? 'terraform';

/**
 * Whether these tests run: with `npm run test:terraform`, which builds the provider first and fails where the program is
 * missing (in strict runs). The ordinary suite counts them as skipped: each test starts Terraform several times.
 */
export function hasTerraform(): boolean {
  if (process.env['npm_lifecycle_event'] !== 'test:terraform') {
    return wants('Terraform and bpg/proxmox (npm run test:terraform)', false);
  }
  const there = needs(program, () => answers(program, ['version']));
  return needs('the provider bpg/proxmox', () => existsSync(provider)) && there;
}

export const container = (name: string): string => `proxmox_virtual_environment_container.${name}`;
export const machine = (name: string): string => `proxmox_virtual_environment_vm.${name}`;

/** The simulator, and a private folder for the stacks of one test. */
export async function terraformLab(options: LabSetUp = {}): Promise<TerraformLab> {
  const pve = await pveLab({ world: (world) => world, ...options });
  const root = mkdtempSync(join(tmpdir(), 'gitmend-terraform-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return new TerraformLab(pve, root);
}

export interface Given extends Partial<Omit<TerraformSetting, 'paths'>> {
  /** One that the template’s own code makes, unless told. */
  name?: string;
  /** Files of the template that are otherwise. */
  files?: { [path: string]: string | undefined };
  /** Changes the synthesized stack. */
  config?: (config: Synthesized) => void;
  mirror?: string;
}

/** The part of a stack that tests change. */
export interface Synthesized {
  terraform: { backend: unknown };
  resource: { [type: string]: { [name: string]: { [attribute: string]: unknown } } };
}

/** The cluster that a stack is planned for, and what there is to import: `pve1/200`. */
export interface StackCluster {
  endpoint: string;
  ca: string;
  token: string;
  live: ReadonlySet<string>;
}

/** The template's stack with these files, laid out in `root`, where its state stays. Not initialized. */
export async function stackAt(
  root: string,
  { endpoint, ca, token, live }: StackCluster,
  { name = 'guests', files = {}, config, mirror: from = mirror, credentials = {}, ...setting }: Given = {},
): Promise<{ terraform: Terraform; paths: StackFolder }> {
  const tree = templateWith(files);
  const made = await synthesize(input({ code: tree, data: tree }));
  if (!made.ok) throw new Error(made.message);
  const stack = made.stacks[name] as Synthesized;
  config?.(stack);
  const paths = await layOutStack({ root, stack: name, config: importingOnly(stack, live), mirror: from, ca });
  const terraform = terraformOn({
    ...{ program, paths, timeout: 60, lockTimeout: 0, ...setting },
    credentials: { PROXMOX_VE_ENDPOINT: endpoint, PROXMOX_VE_API_TOKEN: token, ...credentials },
  });
  return { terraform, paths };
}

export class TerraformLab {
  readonly pve: Pve;
  readonly root: string;

  constructor(pve: Pve, root: string) {
    this.pve = pve;
    this.root = root;
  }

  file(name: string): string {
    return join(this.root, name);
  }

  /** The template's stack with these files, on this lab's state. Not initialized. */
  async stack(given: Given = {}): Promise<{ terraform: Terraform; paths: StackFolder }> {
    const { endpoint, caPem, world } = this.pve;
    const live = new Set([...world.guests.values()].map(({ node, vmid }) => `${node}/${vmid}`));
    return stackAt(this.root, { endpoint, ca: caPem, token: homeTokens.admin, live }, given);
  }

  /** The template's stack, initialized, with every guest of it already in the state. */
  async imported(given: Given = {}): Promise<{ terraform: Terraform; paths: StackFolder }> {
    const stack = await this.stack(given);
    await stack.terraform.init();
    await stack.terraform.plan([]);
    await stack.terraform.apply(stack.paths.planFile);
    return stack;
  }

  /** Requests that change something, since the last call: `PUT /nodes/pve1/lxc/200/config`. */
  writes(): string[] {
    const all = this.pve.requests
      .filter(({ method }) => method !== 'GET')
      .map(({ method, path }) => `${method} ${path}`);
    const fresh = all.slice(this.seen);
    this.seen = all.length;
    return fresh;
  }

  private seen = 0;
}

/** A file of the template with one text for another. */
export function changed(path: string, ...replacements: (readonly [string, string])[]): { [path: string]: string } {
  const before = templateWith({}).get(path) ?? '';
  const after = replacements.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`${path} does not say ${from}`);
    return text.replace(from, to);
  }, before);
  return { [path]: after };
}
