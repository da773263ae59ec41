import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { read } from './project.ts';

interface Workflow {
  on: { [event: string]: unknown };
  jobs: { contract: { env: { [name: string]: string }; steps: { name?: string; run?: string; if?: string }[] } };
}

describe('the workflow that runs the forge contract on Gitea’s own image', () => {
  const { on, jobs } = parse(read('.github/workflows/gitea.yml')) as Workflow;
  const { env, steps } = jobs.contract;
  const scripts = steps.map(({ run = '' }) => run);
  const [start = '', accounts = ''] = ['start', 'accounts'].map(
    (name) => steps.find((step) => step.name === name)?.run,
  );

  it('runs for every push and every pull request, an exact version, and `npm run test:forge` last', () => {
    expect(Object.keys(on)).toEqual(['push', 'pull_request', 'workflow_dispatch']);
    expect(env['IMAGE']).toMatch(/^docker\.io\/gitea\/gitea:\d+\.\d+\.\d+-rootless$/);
    expect(scripts.filter((run) => run.startsWith('npm'))).toEqual(['npm ci', 'npm run test:forge']);
    expect(JSON.parse(read('package.json')).scripts['test:forge']).toBe('vitest run tests/forges/gitea/real');
  });

  it('gives the tests every variable without which they would be skipped', () => {
    const asked = [...read('tests/forges/gitea/real.ts').matchAll(/\['URL', 'TOKEN', 'BOT_TOKEN'\]/g)];
    expect(asked).toHaveLength(1);
    expect(env['GITMEND_TEST_GITEA_URL']).toBe('http://127.0.0.1:3000');
    for (const name of ['TOKEN', 'BOT_TOKEN'])
      expect(accounts).toMatch(new RegExp(`^echo "GITMEND_TEST_GITEA_${name}=\\$\\w+" >> "\\$GITHUB_ENV"$`, 'm'));
    // An empty one would be a skip.
    expect(accounts).toContain('test -n "$owner" && test -n "$bot"');
  });

  it('lets Gitea call the tests, and gives gitmend the scopes that docs/forges.md names', () => {
    expect(start).toContain('--network host');
    expect(start).toContain('GITEA__webhook__ALLOWED_HOST_LIST=loopback');
    const [, scopes] = /--token-name gitmend --scopes (\S+) --raw/.exec(read('docs/forges.md')) ?? [];
    expect(accounts).toContain(`--scopes ${scopes ?? 'those that the page names'})`);
  });

  it('masks both tokens before anything can print them', () => {
    const [owner, bot, exported] = ['add-mask::$owner', 'add-mask::$bot', 'GITHUB_ENV'].map((text) =>
      accounts.indexOf(text),
    );
    expect(Math.min(owner ?? -1, bot ?? -1)).toBeGreaterThan(-1);
    expect(Math.max(owner ?? 0, bot ?? 0)).toBeLessThan(exported ?? 0);
  });
});
