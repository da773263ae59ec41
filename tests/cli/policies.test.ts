import { expect, it } from 'vitest';
import { guestLab } from './guest-lab.ts';

const older = (text: string) => text.replaceAll('approve-2', 'approve').replaceAll(', tag-guest', '');

it('gitmend policies opens the rules that a repository is too old for, which a refusal says', async () => {
  const lab = await guestLab({ 'policies/guests.yaml': older });
  const refused = await lab.call('tag', 'postgres', '--add', 'backup');
  expect(refused.out).toMatch(
    /^#1 postgres: tags .*\n#1 refused \(no-rule\): no rule in policies\/ decides about tag-guest/,
  );
  const comment = (await lab.comments(1)).map(({ body }) => body).join('');
  expect(comment).toMatch(/a pull request that adds a rule to policies\/: gitmend policies opens it/);
  const dry = await lab.gitmend('policies', '--dry-run');
  expect(dry.out, dry.err).toMatch(
    /^# policies\/newer-steps\.yaml .*\nversion: 1\nrules:\n {2}- name: critical guests\n/m,
  );
  const said = await lab.gitmend('policies');
  expect(said.out, said.err).toMatch(/^#2 policies: rules for tag-guest\n#2 planned: /);
  expect((await lab.gitmend('policies')).out).toMatch(/^#2 /);
  await lab.merge(2);
  await lab.run();
  expect((await lab.gitmend('policies')).out).toBe('nothing to add: every kind of step is named by a rule\n');
  await lab.plan(1);
  expect((await lab.call('tag', 'postgres', '--add', 'backup')).out).toMatch(/\n#1 planned: postgres tags /);
});
