import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DeliverLab } from '../../support/deliver-lab.ts';
import { openRunner, runToEnd } from '../../support/in-process.ts';
import { type Computer, computer } from '../../support/machines.ts';
import { Killed, mortal } from '../../support/points.ts';
import { diskOf, instead, planOf, terraformHome, writesIn } from './deliver-lab.ts';
import { hasTerraform } from './lab.ts';
import { mainWith, note, on } from './stack-code-lab.ts';

const nextcloud = { 'guests/nextcloud.yaml': instead('size: 64', 'size: 80') };
const gitea = { 'guests/gitea.yaml': instead('size: 32', 'size: 40') };

describe.skipIf(!hasTerraform())('two pull requests about one stack, planned on the same state', () => {
  it('are applied in the order of the default branch, each once, also where the runner is killed behind each', async () => {
    const lab = await terraformHome();
    const [a, b] = [await lab.propose('a', nextcloud), await lab.propose('b', gitea)];
    await lab.plan();
    const shown = [await digestOf(lab, a), await digestOf(lab, b)];
    await lab.merge(b);
    await lab.merge(a);
    const here = computer();
    for (const merge of [b, a]) await runUntilKilled(lab, here, merge);
    const said = await runToEnd(await openRunner(lab.lab, here), lab.clock);
    expect(said.split('\n').filter((line) => line.includes('verified'))).toEqual([
      `#${b} verified: gitea runs with disk 40 GiB`,
      `#${a} verified: nextcloud runs with disk 80 GiB`,
    ]);
    expect([diskOf(lab, 204), diskOf(lab, 201)]).toEqual([40, 80]);
    expect(resizesIn(lab)).toEqual(['PUT /nodes/pve1/lxc/204/resize', 'PUT /nodes/pve1/lxc/201/resize']);
    // The state had moved by then, so what was to be done was planned anew, and was what had been shown.
    expect(plannedBehind(lab, 204, 201)).toBe(true);
    expect([await digestOf(lab, a), await digestOf(lab, b)]).toEqual(shown);
    expect(resourcesIn(lab)).toEqual([
      'proxmox_virtual_environment_container.gitea',
      'proxmox_virtual_environment_container.nextcloud',
    ]);
  });
});

/** The stack's own code with a resource of Terraform's own, made in front of this line. */
const inFrontOf = (line: string, name: string, input: string) => ({
  'stacks/guests-stack.ts': instead(
    line,
    `this.addOverride('resource.terraform_data.${name}', { input: '${input}' });\n    ${line}`,
  ),
});

describe.skipIf(!hasTerraform())('pull requests about one stack, of which most change its code', () => {
  it('are applied in the order of the default branch, but for one that an earlier one made something else', async () => {
    const lab = await terraformHome(on);
    const late = await lab.propose('late', { 'stacks/main.ts': mainWith(note('one', 'a')) });
    const disk = await lab.propose('disk', nextcloud);
    const two = await lab.propose('two', inFrontOf("this.addOverride('import',", 'two', 'b'));
    const early = await lab.propose('early', inFrontOf('new ProxmoxProvider(', 'one', 'z'));
    await lab.plan();
    expect(await planOf(lab, late)).toContain('terraform_data.one created with input a');
    for (const number of [two, disk, early, late]) await lab.merge(number);
    const said = await lab.run();
    expect(said.filter((line) => / applied|not-applied/.test(line))).toEqual([
      `#${two} applied: stack guests: terraform_data.two created with input b`,
      `#${disk} applied: nextcloud disk 80 GiB, live`,
      `#${early} applied: stack guests: terraform_data.one created with input z`,
      `#${late} not-applied (stale): the steps are no longer those that were approved`,
    ]);
    expect(said.filter((line) => line.includes(' verified'))).toHaveLength(3);
    expect(resizesIn(lab)).toEqual(['PUT /nodes/pve1/lxc/201/resize']);
    expect(resourcesIn(lab)).toEqual([
      'proxmox_virtual_environment_container.nextcloud',
      'terraform_data.one z',
      'terraform_data.two b',
    ]);
  });
});

/** What merging was to approve, by the plan comment. */
async function digestOf(lab: DeliverLab, number: number): Promise<string> {
  const [digest] = /digest `sha256:[0-9a-f]{64}`/.exec(await planOf(lab, number)) ?? [];
  if (digest === undefined) throw new Error(`#${number} shows no digest`);
  return digest;
}

/** Proxmox VE has done what this pull request is about, and nobody wrote it down. */
async function runUntilKilled({ lab, clock }: DeliverLab, here: Computer, number: number): Promise<void> {
  const ground = await openRunner(lab, here);
  const run = runToEnd(
    mortal(ground, (point) => point === 'after applier.apply'),
    clock,
  );
  await expect(run, `#${number}`).rejects.toThrow(Killed);
  here.kill(ground.machine);
}

function resizesIn(lab: DeliverLab): string[] {
  return writesIn(lab).filter((one) => one.endsWith('/resize'));
}

/** Whether the second guest was read between both resizes. */
function plannedBehind({ lab }: DeliverLab, first: number, second: number): boolean {
  const paths = lab.pve.requests.map(({ method, path }) => `${method} ${path}`);
  const from = paths.findIndex((one) => one.endsWith(`/${first}/resize`));
  const to = paths.findIndex((one) => one.endsWith(`/${second}/resize`));
  return paths.slice(from, to).includes(`GET /nodes/pve1/lxc/${second}/config`);
}

/** What Terraform's state has, by address; with its input where it has one. */
function resourcesIn({ lab }: DeliverLab): string[] {
  const root = join(lab.folder, 'state');
  const states = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('guests.tfstate'),
  );
  const texts = states.map((path) => JSON.parse(readFileSync(join(root, path), 'utf8')) as State);
  const words = ({ type, name, instances: [one] }: State['resources'][number]) =>
    `${type}.${name} ${one?.attributes.input?.value ?? ''}`.trim();
  return texts.flatMap(({ resources }) => resources.map(words)).sort();
}

interface State {
  resources: { type: string; name: string; instances: { attributes: { input?: { value: string } } }[] }[];
}
