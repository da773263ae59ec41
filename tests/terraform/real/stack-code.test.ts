import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inProcessBot } from '../../support/in-process.ts';
import { computer } from '../../support/machines.ts';
import { agreed, planOf, readable, terraformHome, writesIn } from './deliver-lab.ts';
import { hasTerraform } from './lab.ts';
import { mainWith, note, on, postgresHas } from './stack-code-lab.ts';

const twoStacks = (dns: string) =>
  mainWith(
    note('note', 'kept by hand'),
    "const dns = new GuestsStack(app, 'dns', []);",
    `dns.addOverride('resource.terraform_data.zone', { input: '${dns}' });`,
  );

describe.skipIf(!hasTerraform())('a change of stack code, with the real provider', () => {
  it('is planned at the address that it reaches, shown, applied, and verified by an empty plan', async () => {
    const lab = await terraformHome(on);
    const number = await agreed(
      lab,
      'note',
      { 'stacks/main.ts': mainWith(note('note', 'kept by hand')) },
      'golden/stack-code.md',
    );
    expect(await lab.run()).toEqual([
      '#1 applied: stack guests: terraform_data.note created with input "kept by hand"',
      '#1 verified: stack guests: Terraform plans no change at the addresses of this step',
    ]);
    expect(writesIn(lab)).toEqual([]);
    expect(await lab.record(number)).toMatchObject({
      outcome: 'verified',
      target: 'stack/guests',
      steps: [{ action: 'terraform apply', after: { 'terraform_data.note': 'created with input "kept by hand"' } }],
      applied: { areas: ['stacks'] },
    });
    expect(await lab.pass()).toMatchObject({ events: [], waiting: [] });
  });

  it('that sets the order in which one guest starts changes that guest, live, and says so', async () => {
    const lab = await terraformHome(on);
    const number = await lab.propose('order', postgresHas('startup', '{ order: 3 }'));
    await lab.plan(number);
    await expect(readable(await planOf(lab, number))).toMatchFileSnapshot('golden/stack-code-guest.md');
    const startedAt = lab.lab.pve.world.guests.get(200)?.startedAt;
    await lab.merge(number);
    expect((await lab.run()).at(-1)).toMatch(/^#1 verified: stack guests/);
    expect(writesIn(lab)).toEqual(['PUT /nodes/pve1/lxc/200/config']);
    expect(lab.lab.pve.world.guests.get(200)).toMatchObject({ startedAt, config: { startup: 'order=3' } });
  });

  it('leaves a second stack alone: it is neither initialized nor planned', async () => {
    const lab = await terraformHome(on, { 'stacks/main.ts': twoStacks('home.lan') });
    const number = await lab.propose('zone', {
      'stacks/main.ts': (text) => text.replace("'home.lan'", "'lab.lan'"),
    });
    await lab.plan(number);
    const comment = await planOf(lab, number);
    expect(comment).toContain('Planned of stack dns: 1 address that this can reach.');
    expect(comment).toContain('Not planned, because nothing of it differs: guests.');
    await lab.merge(number);
    expect((await lab.run()).at(-1)).toMatch(/^#1 verified: stack dns/);
    expect(stacksLaidOut(lab.lab.folder)).toEqual(['read/dns', 'write/dns']);
  });

  it('destroys what it takes out of the code where two people approve it, and nothing beside it', async () => {
    const people = (text: string) => text.replace('[maintainer]', '[maintainer, ann, ben]');
    const lab = await terraformHome(on);
    await lab.push('main', { 'gitmend.yaml': (text) => text });
    await agreed(lab, 'notes', { 'stacks/main.ts': mainWith(note('one', 'a'), note('two', 'b')) });
    await lab.run();
    await agreed(lab, 'people', { 'gitmend.yaml': people });
    await lab.run();
    const number = await lab.propose('less', {
      'stacks/main.ts': (text) => text.replace(/.*terraform_data\.one.*\n/, ''),
    });
    await lab.plan(number);
    await expect(readable(await planOf(lab, number))).toMatchFileSnapshot('golden/stack-code-destroy.md');
    await (await lab.as('ann')).review(number, 'approved');
    lab.clock.advance(120_000);
    await lab.merge(number, { by: 'ben' });
    expect(await lab.run()).toEqual([
      '#3 applied: stack guests: terraform_data.one destroyed (no longer declared)',
      '#3 verified: stack guests: Terraform plans no change at the addresses of this step',
    ]);
  });

  it('stops before any effect where Terraform would do something else by then', async () => {
    const lab = await terraformHome(on);
    await agreed(lab, 'order', postgresHas('startup', '{ order: 3 }'));
    Object.assign(lab.lab.pve.world.guests.get(200)?.config ?? {}, { startup: 'order=1' });
    expect((await lab.run())[0]).toMatch(/^#1 not-applied \(stale\): /);
    expect(writesIn(lab)).toEqual([]);
  });

  it('is not applied again by the runner that comes after one that was killed behind the effect', async () => {
    const lab = await terraformHome(on);
    await agreed(lab, 'order', postgresHas('startup', '{ order: 3 }'));
    const bot = inProcessBot(lab.lab, lab.clock, computer());
    await bot.runKilled();
    const before = writesIn(lab).length;
    expect(before).toBeGreaterThan(0);
    const said = await bot.run();
    expect(said.split('\n').at(-1)).toMatch(/^#1 verified: stack guests/);
    expect(writesIn(lab)).toHaveLength(before);
  });

  it('follows data beside guests that the code reads', async () => {
    const reads = mainWith(
      "const { zone } = parse(readFileSync('dns/zones.yaml', 'utf8')) as { zone: string };",
      "stack.addOverride('resource.terraform_data.zone', { input: zone });",
    );
    const lab = await terraformHome(on, {
      'dns/zones.yaml': 'zone: home.lan\n',
      'stacks/main.ts': (text) =>
        `import { readFileSync } from 'node:fs';\nimport { parse } from 'yaml';\n${reads(text)}`,
    });
    const number = await lab.propose('zone', { 'dns/zones.yaml': 'zone: lab.lan\n' });
    await lab.plan(number);
    const comment = await planOf(lab, number);
    expect(comment).toContain('terraform_data.zone created with input lab.lan');
    expect(comment).not.toContain('Nothing is applied from');
    await lab.merge(number);
    expect((await lab.run()).at(-1)).toMatch(/^#1 verified: stack guests/);
  });
});

function stacksLaidOut(folder: string): string[] {
  const found = readdirSync(join(folder, 'state'), { recursive: true, encoding: 'utf8' });
  return found
    .filter((path) => path.endsWith('/cdk.tf.json') && existsSync(join(folder, 'state', path)))
    .map((path) => path.split('/').slice(-3, -1).join('/'))
    .sort();
}
