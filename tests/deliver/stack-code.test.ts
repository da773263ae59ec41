import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findSandbox } from '../../src/synth/index.ts';
import { deliverLab, type DeliverLab } from '../support/deliver-lab.ts';
import { wants } from '../support/needs.ts';
import { planOf, showsPlan, terraformIn } from '../terraform/real/deliver-lab.ts';
import { mainWith, note } from '../terraform/real/stack-code-lab.ts';

const stub = join(import.meta.dirname, '..', 'terraform', 'stub', 'program.ts');
const hasSandbox = wants(
  'a sandbox for stack code',
  await findSandbox(process.execPath).then(
    () => true,
    () => false,
  ),
);
const noted = { 'stacks/main.ts': mainWith(note('note', 'a')) };

// The same with the real Terraform and its provider: tests/terraform/real/stack-code*.test.ts.
describe.skipIf(!hasSandbox)('a change of stack code in a run', () => {
  it('is shown, applied once, verified, and what the next one is held against', async () => {
    const lab = await ready();
    const number = await lab.propose('note', noted);
    await lab.plan(number);
    expect(await planOf(lab, number)).toContain(
      '| 1 | stack guests (1 resource) | terraform_data.note created with input a |',
    );
    await lab.merge(number);
    expect(await lab.run()).toEqual([
      '#1 applied: stack guests: terraform_data.note created with input a',
      '#1 verified: stack guests: Terraform plans no change at the addresses of this step',
    ]);
    expect(await lab.record(number)).toMatchObject({ target: 'stack/guests', applied: { areas: ['stacks'] } });
    const next = await lab.propose('other', { 'stacks/main.ts': (text) => text.replace("'a'", "'b'") });
    await lab.plan(next);
    expect(await planOf(lab, next)).toContain('terraform_data.note input a → b |');
  });

  it('is refused where a stack without resources gets an output: Terraform could be aimed at nothing of it', async () => {
    const lab = await ready();
    const bare = `import { LocalBackend, TerraformOutput, TerraformStack } from 'cdktn';
const bare = new TerraformStack(app, 'bare');
new LocalBackend(bare, { path: '../../../bare.tfstate' });
new TerraformOutput(bare, 'said', { value: 'x' });
app.synth();`;
    const number = await lab.propose('bare', { 'stacks/main.ts': (text) => text.replace('app.synth();', bare) });
    await lab.plan(number);
    expect(await planOf(lab, number)).toMatch(/stack bare has no resource, and this changes .*output.* of it/);
    expect(existsSync(lab.state)).toBe(false);
  });

  it('waits for another one that is merged and not applied yet', async () => {
    const lab = await ready();
    const number = await lab.propose('note', noted);
    const other = await lab.propose('comment', { 'stacks/proxmox.ts': (text) => `${text}// Said better.\n` });
    await lab.plan(number);
    await lab.merge(number);
    expect((await lab.plan(other)).get(other)).toEqual({
      state: 'waiting',
      why: '#1 changes stacks/ too and is not applied yet',
    });
    await lab.run();
    expect((await lab.plan(other)).get(other)).toMatchObject({ state: 'shown', record: { steps: [], refusals: [] } });
  });

  it('is not verified where its resource is changed back within the window, and says what to do', async () => {
    const lab = await ready();
    const number = await lab.propose('note', noted);
    await lab.plan(number);
    await lab.merge(number);
    expect((await lab.pass()).events).toEqual(['#1 applied: stack guests: terraform_data.note created with input a']);
    writeFileSync(lab.state, '{}');
    expect((await lab.run()).at(-1)).toMatch(/^#1 not-verified: stack guests: Terraform still plans what was approved/);
    expect(await lab.record(number)).toMatchObject({
      wayBack: {
        not: 'what Terraform changed of stack guests has no inverse',
        helps: ['a pull request that reverts it'],
      },
    });
  });

  it('is only noted while it is switched off, and what was merged then is taken as it is where it is switched on', async () => {
    const lab = await ready({ stackCode: 'off' });
    const off = await lab.propose('note', noted);
    await lab.plan(off);
    await showsPlan(lab, off, 'golden/stack-code-off.md');
    await lab.merge(off);
    await lab.run();
    const rules = await lab.propose('on', {
      'gitmend.yaml': (text) => text.replace('stackCode: off', 'stackCode: sandbox'),
    });
    await lab.plan(rules);
    await lab.merge(rules);
    await lab.run();
    const next = await lab.propose('same', { 'stacks/main.ts': (text) => `${text}// Said better.\n` });
    await lab.plan(next);
    expect(await planOf(lab, next)).toContain('the stacks are the same, byte for byte: stacks/main.ts');
  });
});

/** A home whose Terraform is the stub; `state`: where that keeps what it made. */
async function ready(setting: { [key: string]: string } = {}): Promise<DeliverLab & { state: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'gitmend-stub-'));
  const [program, state] = [join(folder, 'terraform'), join(folder, 'state.json')];
  const node = `exec ${process.execPath} --use-openssl-ca --disable-warning=ExperimentalWarning ${stub} "$@"`;
  writeFileSync(program, `#!/bin/sh\nSTUB_STATE=${state} ${node}\n`);
  chmodSync(program, 0o755);
  const rules = terraformIn({ program, stackCode: 'sandbox', ...setting });
  const lab = await deliverLab({ synthesis: true, begin: { 'gitmend.yaml': rules } });
  onTestFinished(async () => {
    await lab.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { ...lab, state };
}
