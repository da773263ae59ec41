import { describe, expect, it } from 'vitest';
import { printAreaBack, staysWords } from '../../src/records/area-way-out.ts';
import { parsePullRequest } from '../../src/records/pull-request.ts';

const files = new Map([
  ['ansible/group_vars/all.yaml', 'timezone: Etc/UTC\n'],
  ['ansible/host_vars/new.yaml', null],
]);
const way = {
  ...{ kind: 'undo' as const, fingerprint: '0123456789ab', cause: { pullRequest: 4 }, untouched: false, files },
  why: 'site would now do something else than was shown: gitea: The zone',
};

describe('the pull request that takes ansible/ back', () => {
  it('says why, what it changes and what it does not undo, and reads itself back', () => {
    const stays = staysWords({ partly: true, unpredicted: false, gone: ['new'] });
    const { title, body } = printAreaBack({ ...way, stays });
    expect(title).toBe('ansible: take back #4');
    expect(body.split('<!--')[0]).toMatchInlineSnapshot(`
      "**ansible/** is not applied as #4 has it: site would now do something else than was shown: gitea: The zone.

      **Take it back.** Merging makes \`ansible/group_vars/all.yaml\` and \`ansible/host_vars/new.yaml\` say again what was said before. Its own check below says host by host what that changes.

      **What this does not undo**
      - What a task added under a name that the files of before do not have (a file, a package, a user) stays until somebody takes it away.
      - What tasks did that nobody can predict (commands, scripts) stays; they may run again.
      - A handler that was not reached (a restart) runs only where going back changes what notifies it.
      - new leaves the inventory, so whatever was done there stays as it is.

      "
    `);
    expect(parsePullRequest(body)).toMatchObject({ kind: 'undo', remedy: 'undo', fingerprint: '0123456789ab', of: 4 });
  });

  it('proposes something else where a file says something else', () => {
    const proposed = (text: string) =>
      parsePullRequest(printAreaBack({ ...way, files: new Map([['ansible/x', text]]), stays: [] }).body)?.proposed;
    expect(proposed('a')).not.toBe(proposed('b'));
  });

  it('says nothing of what stays where nothing was sent, and names a push by its commit', () => {
    const many = new Map(Array.from({ length: 10 }, (_, n) => [`ansible/${n}`, null] as const));
    const { title, body } = printAreaBack({
      ...{ ...way, kind: 'revert', cause: { commit: 'a'.repeat(40) }, untouched: true, files: many, stays: [] },
    });
    expect(title).toBe('ansible: take back commit aaaaaaa');
    expect(body).toContain('and 2 more files say again');
    expect(body).not.toContain('does not undo');
    const untouched = printAreaBack({ ...way, untouched: true, stays: [] });
    expect(untouched.body).toContain('not applied as #4 has it, and no host was touched: site would');
  });

  it('knows what going back leaves', () => {
    expect(staysWords({ partly: false, unpredicted: false, gone: [] })).toHaveLength(1);
    expect(staysWords({ partly: false, unpredicted: true, gone: ['a', 'b'] }).slice(1)).toEqual([
      'What tasks did that nobody can predict (commands, scripts) stays; they may run again.',
      'a and b leave the inventory, so whatever was done there stays as it is.',
    ]);
  });
});
