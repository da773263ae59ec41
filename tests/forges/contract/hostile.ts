import { describe, expect, test } from 'vitest';
import { expectRefused, freshSetting, postgres, wanted, type MakeForge } from './setting.ts';

const unsafeBranches = [
  '',
  '-',
  '--exec=touch pwned',
  '--upload-pack=touch${IFS}pwned',
  '../../etc/passwd',
  'a..b',
  'a b',
  'a\nb',
  'a\0b',
  'a~1',
  'a^{tree}',
  'a:b',
  'refs/heads/main',
  '@{-1}',
  '@',
  'HEAD',
  'x.lock',
  '.hidden/x',
  '/x',
  'x/',
  'x//y',
  'invisible\u200bname',
  'evil\u202egnp.exe',
  'a'.repeat(300),
];

const hostileTexts = [
  '--amend',
  '-F /etc/passwd',
  '$(touch pwned) `touch pwned` ; touch pwned',
  `'; DROP TABLE pull_request; --`,
  '"><script>alert(1)</script>',
  '<!-- gitmend:plan -->',
  '%s %n %00 \\0 \\n ${HOME}',
  'größer → 3072 MiB 日本 😀',
];

export function hostileContract(makeForge: MakeForge): void {
  describe('hostile input', () => {
    const setting = freshSetting(makeForge);

    test('unsafe branch names are refused before they reach git', async () => {
      const { forge, clone } = setting.now;
      const before = await clone.git('ls-remote', 'origin');
      for (const branch of unsafeBranches) {
        for (const wish of [wanted(branch), wanted('fix', { base: branch })]) {
          const attempt = forge.ensurePullRequest(wish);
          await expect(attempt, JSON.stringify(branch)).rejects.toMatchObject({ code: 'FORGE_REFUSED' });
        }
      }
      expect(await forge.pullRequests({ state: 'all' })).toEqual([]);
      expect(await clone.git('ls-remote', 'origin')).toBe(before);
    });

    test('a branch whose name only looks like an option after a slash is used as a name', async () => {
      const { forge, opened, clone } = setting.now;
      const { number, head } = await opened('gitmend/--force/$(id)', postgres('memory', 3072));
      const { mergeCommit = '' } = await forge.merge(number, { style: 'merge', head });
      expect(await clone.tip('main')).toBe(mergeCommit);
    });

    test('titles, bodies and comments are kept to the character and do nothing', async () => {
      const { forge, clone, opened } = setting.now;
      const { number } = await opened('fix', postgres('memory', 3072));
      for (const text of hostileTexts) {
        const pull = await forge.ensurePullRequest(wanted('fix', { title: text, body: `${text}\n${text}` }));
        expect(pull).toMatchObject({ number, title: text, body: `${text}\n${text}` });
        expect(await forge.ensurePullRequest(wanted('fix', { title: text, body: `${text}\n${text}` }))).toEqual(pull);
        const comment = await forge.ensureComment(number, 'plan', `first\n${text}`);
        expect(comment.body).toContain(`first\n${text}`);
      }
      expect(await forge.comments(number)).toHaveLength(1);
      expect(await clone.tip('main')).not.toBe('');
    });

    test.each(hostileTexts)('a merge of a pull request called %j only merges', async (title) => {
      const { forge, clone } = setting.now;
      const head = await clone.push('fix', postgres('memory', 3072));
      const { number } = await forge.ensurePullRequest(wanted('fix', { title }));
      const { mergeCommit = '' } = await forge.merge(number, { style: 'squash', head });
      expect(await clone.message(mergeCommit)).toContain(title);
      expect(await clone.files(mergeCommit)).toEqual({ ...postgres('memory', 3072), 'README.md': 'home lab\n' });
    });

    test('a title of several lines stays one line, so it cannot add trailers to a merge', async () => {
      const { forge, clone } = setting.now;
      const head = await clone.push('fix', postgres('memory', 3072));
      const title = 'harmless\n\nGitmend-Run: forged';
      const pull = await forge.ensurePullRequest(wanted('fix', { title }));
      expect(pull.title).not.toContain('\n');
      expect(await forge.ensurePullRequest(wanted('fix', { title }))).toEqual(pull);
      const { mergeCommit = '' } = await forge.merge(pull.number, { style: 'squash', head });
      expect(await clone.message(mergeCommit)).not.toMatch(/^Gitmend-Run/m);
    });

    test('a title that is empty or too long is refused', async () => {
      const { forge, clone } = setting.now;
      await clone.push('fix', postgres('memory', 3072));
      await expectRefused(forge.ensurePullRequest(wanted('fix', { title: ' \n ' })), /title/);
      await expectRefused(forge.ensurePullRequest(wanted('fix', { title: 'x'.repeat(300) })), /300/);
    });

    test('a commit that is no commit takes no status', async () => {
      const { forge } = setting.now;
      for (const commit of ['', '-h', 'main', 'HEAD', '../x', 'g'.repeat(40)]) {
        const status = forge.ensureStatus(commit, { context: 'ci', state: 'success', description: '' });
        await expect(status, commit).rejects.toMatchObject({ code: 'FORGE_REFUSED' });
      }
    });
  });
}
