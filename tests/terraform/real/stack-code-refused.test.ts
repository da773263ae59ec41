import { describe, expect, it } from 'vitest';
import { planOf, terraformHome, writesIn } from './deliver-lab.ts';
import { hasTerraform } from './lab.ts';
import { mainWith, note, on, postgresHas, refused, without } from './stack-code-lab.ts';

const container = 'proxmox_virtual_environment_container';

describe.skipIf(!hasTerraform())('stack code that nobody may have applied is refused by name', () => {
  it('whatever a plan of the real provider shows of it', async () => {
    const lab = await terraformHome(on);
    const cases: [string, Parameters<typeof refused>[1], RegExp][] = [
      [
        'a replacement, with the attribute that forces it',
        postgresHas('unprivileged', 'false'),
        /^terraform-refused: .*postgres \(lxc\/200 on pve1\) would be destroyed and made anew because unprivileged true → false cannot be changed in place/,
      ],
      [
        'a guest that the code loses',
        without('postgres'),
        /^guest-in-code: the stacks would not declare postgres \(lxc\/200\) any more.* Next: keep its resource; a pull request/,
      ],
      [
        'a guest that no file declares',
        {
          'stacks/main.ts': mainWith(
            `const made = (stack.toTerraform() as never)['resource']['${container}'];`,
            `stack.addOverride('resource.${container}.more', { ...made.postgres, vm_id: 999, '//': undefined });`,
          ),
        },
        /^guest-in-code: .*more would be created by stack code, and is no guest that was applied/,
      ],
      [
        'more memory than the file of the guest says',
        postgresHas('memory', '{ dedicated: guest.memory * 2, swap: guest.swap ?? 0 }'),
        /^fields-in-code: postgres \(lxc\/200 on pve1\): memory\.dedicated 2048 → 4096.* Next: edit guests\/postgres\.yaml instead/,
      ],
      [
        'an error of Terraform itself',
        { 'stacks/main.ts': mainWith("stack.addOverride('resource.terraform_data.bad', { no_such: 1 });") },
        /^terraform-failed: .*no_such/,
      ],
    ];
    for (const [name, files, says] of cases) expect(await refused(lab, files), name).toMatch(says);
    expect(writesIn(lab)).toEqual([]);
  }, 180_000);

  it('without starting Terraform, where a plan alone would do harm', async () => {
    const lab = await terraformHome({ ...on, program: 'terraform-that-nobody-has' });
    const cases: [string, Parameters<typeof refused>[1], RegExp][] = [
      [
        'a file of the machine in an attribute',
        {
          'stacks/main.ts': mainWith(
            "stack.addOverride('resource.terraform_data.x', { input: '${base64encode(file(\"/proc/self/environ\"))}' });",
          ),
        },
        /^terraform-stack-refused: the stack guests: an expression of it calls file\(\)/,
      ],
      [
        'a state that goes elsewhere',
        {
          'stacks/main.ts': mainWith(
            "stack.addOverride('terraform.backend', { http: { address: 'http://127.0.0.1:1/' } });",
          ),
        },
        /^terraform-stack-refused: the stack guests: its backend is another one than before/,
      ],
      [
        'a provisioner',
        {
          'stacks/main.ts': mainWith(
            "stack.addOverride('resource.terraform_data.x', { provisioner: [{ 'local-exec': { command: 'id' } }] });",
          ),
        },
        /^terraform-stack-refused: .*runs a provisioner/,
      ],
      [
        'a whole stack that goes',
        { 'stacks/main.ts': (text) => text.replace("'guests', readGuests", "'others', readGuests") },
        /^stack-gone: the stack guests would be gone/,
      ],
      [
        'which modules the code runs with',
        { 'stacks/package.json': (text) => text.replace('0.24.0', '0.25.0') },
        /^stack-packages: stacks\/package\.json would change which modules stack code runs with: .*GITMEND_STACK_MODULES/,
      ],
      ['Terraform that is not there', { 'stacks/main.ts': mainWith(note('x', 'y')) }, /^terraform-missing: /],
      [
        'a guest’s disk in the same pull request',
        {
          'guests/nextcloud.yaml': (text) => text.replace('size: 64', 'size: 32'),
          'stacks/main.ts': mainWith(note('x', 'y')),
        },
        /terraform-missing|unsupported-change/,
      ],
    ];
    for (const [name, files, says] of cases) expect(await refused(lab, files), name).toMatch(says);
  }, 180_000);

  it('and what it says about itself, with file and line, from a sandbox that it does not leave', async () => {
    const lab = await terraformHome({ ...on, program: 'terraform-that-nobody-has' });
    const main = (...lines: string[]) => ({ 'stacks/main.ts': mainWith(...lines) });
    const cases: [string, Parameters<typeof refused>[1], RegExp][] = [
      [
        'an error',
        main('throw new Error(`no zone for ${stack.node.id}`);'),
        /^stack-code-fails: .*stacks\/main\.ts:\d+ Error: no zone for guests/,
      ],
      ['a socket', main("await fetch('https://127.0.0.1:1/');"), /^stack-code-fails: .*fetch failed/],
      [
        'a secret of the environment',
        main(
          'throw new Error(JSON.stringify(Object.keys(process.env).filter((name) => /TOKEN|PROXMOX|LAB|PATH|HOME/.test(name))));',
        ),
        /^stack-code-fails: .*Error: \[\]/,
      ],
      [
        'a file of the machine',
        main("(await import('node:fs')).readFileSync('/etc/passwd');"),
        /^stack-code-fails: .*ENOENT/,
      ],
      [
        'a file beside its output',
        main("(await import('node:fs')).writeFileSync('guests/evil.yaml', 'x');"),
        /^stack-code-fails: .*(EROFS|EACCES|EPERM)/,
      ],
      [
        'a clock',
        main("stack.addOverride('resource.terraform_data.x', { input: String(process.hrtime.bigint()) });"),
        /^stack-code-fails: .*run again.* Next: take clocks, random values/,
      ],
    ];
    for (const [name, files, says] of cases) expect(await refused(lab, files), name).toMatch(says);
  }, 180_000);
});

describe.skipIf(!hasTerraform())('stack code that changes nothing', () => {
  it('has no step, says that the stacks are the same, and is what the next change is held against', async () => {
    const lab = await terraformHome(on);
    const number = await lab.propose('comment', { 'stacks/main.ts': (text) => `${text}// Said better.\n` });
    await lab.plan(number);
    expect(await planOf(lab, number)).toContain(
      'Stack code changes, and the stacks are the same, byte for byte: stacks/main.ts',
    );
    await lab.merge(number);
    await lab.run();
    expect(await lab.record(number)).toMatchObject({ applied: { areas: ['stacks'] } });
    const next = await lab.propose('note', { 'stacks/main.ts': mainWith(note('note', 'a')) });
    await lab.plan(next);
    expect(await planOf(lab, next)).toContain('terraform_data.note created');
  });

  it('that came to the default branch past an approval is refused until it is brought back', async () => {
    const lab = await terraformHome(on);
    await lab.plan();
    await lab.push('main', { 'stacks/main.ts': mainWith(note('pushed', 'by nobody')) });
    const builds = { 'stacks/main.ts': (text: string) => `${text}// More.\n` };
    expect(await refused(lab, builds)).toMatch(/^base-unapproved: stacks\/main\.ts on the default branch/);
  });
});
