import { readFile, rm, writeFile } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { githubHome } from '../../../demo/github-home.ts';
import type { PersonForge } from '../../../demo/home.ts';
import { type Lab, openLabOn } from '../../../demo/lab.ts';
import { type Github, startGithub } from '../../../simulators/github/index.ts';
import { memoryShort } from '../../../simulators/pve/index.ts';
import { systemClock } from '../../../src/cli/clock.ts';
import { type ServeSetup, startServe } from '../../../src/serve/index.ts';
import { readSettings } from '../../../src/serve/settings.ts';

const patient = { timeout: 60_000, interval: 100 };
const doorToken = 'a-token-for-the-door-of-tests';
const secret = 'a-secret-of-the-web-hook';

/** A lab on a GitHub, whose gitmend.yaml names the door for alerts, and that for web hooks where told. */
async function githubLab(
  hooks: boolean,
): Promise<{ lab: Lab<PersonForge>; github: Github; setup: ServeSetup; logged: string[] }> {
  const github = await startGithub({ clock: systemClock });
  const home = githubHome(github);
  const yaml = hooks ? home.yaml.replace(/ \}$/, ', webhookSecret: env:GITMEND_WEBHOOK_SECRET }') : home.yaml;
  const lab = await openLabOn({ ...home, yaml }, { clock: systemClock, trouble: memoryShort });
  onTestFinished(async () => {
    await lab.end();
    await github.close();
    await rm(lab.folder, { recursive: true, force: true });
  });
  const file = `${lab.clone}/gitmend.yaml`;
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/^(alertmanager: \{ url: "[^"]+")/m, '$1, doorToken: env:GITMEND_ALERT_TOKEN'));
  const logged: string[] = [];
  const setup: ServeSetup = {
    directory: lab.clone,
    account: 'not asked for: the token tells',
    env: { ...lab.env.read, GITMEND_ALERT_TOKEN: doorToken, GITMEND_WEBHOOK_SECRET: secret },
    clock: systemClock,
    settings: readSettings({ page: '127.0.0.1:0', door: '127.0.0.1:0' }, {}),
    write: (line) => logged.push(line),
  };
  return { lab, github, setup, logged };
}

describe('gitmend serve on a GitHub', () => {
  it('heals an alert into a pull request with its plan, and plans again when GitHub’s own web hook says so', async () => {
    const { lab, github, setup, logged } = await githubLab(true);
    const serving = await startServe(setup);
    onTestFinished(() => serving.stop());
    const machine = new URL(serving.door).origin;
    const delivered = await fetch(serving.door, {
      method: 'POST',
      headers: { authorization: `Bearer ${doorToken}`, 'content-type': 'application/json' },
      body: await readFile(lab.payload, 'utf8'),
    });
    expect(delivered.status).toBe(200);
    const said = () => github.world.said.filter(({ user }) => user.login === 'gitmend');
    await expect.poll(() => said().length, patient).toBe(1);
    const [pr] = await lab.forge.pullRequests({ state: 'open' });
    expect(pr).toMatchObject({ author: 'gitmend', title: expect.stringContaining('3072 MiB') });
    const shown = github.requests.findIndex(({ method, path }) => method === 'POST' && path.endsWith('/pulls'));
    const writes = github.requests.slice(shown + 1).filter(({ method, by }) => method !== 'GET' && by === 'gitmend');
    // Its label, statuses and one comment, whatever the plan holds.
    expect(writes.length).toBeLessThanOrEqual(5);
    expect(writes.filter(({ path }) => path.endsWith('/comments'))).toHaveLength(1);
    const sample = async (name: string) => {
      const text = await (await fetch(`${machine}/metrics`)).text();
      const line = text.split('\n').find((one) => one.startsWith(`${name} `));
      return Number(line?.slice(name.length + 1) ?? 0);
    };
    const passes = () => sample('gitmend_passes_total{loop="planning",result="done"}');
    github.world.hooks.push(
      { url: `${machine}/signals/github`, secret },
      { url: `${machine}/signals/github`, secret: '' },
    );
    const before = await passes();
    await lab.forge.ensureComment(pr?.number ?? 0, 'note', 'looks good to me');
    await github.delivered();
    // Sooner than the 15 s after which a forge that is not local is looked at anyway.
    await expect.poll(passes, { ...patient, timeout: 10_000 }).toBeGreaterThan(before);
    // More than one where gitmend itself was still writing: every event goes to both hooks, and one of them is signed.
    const heard = await sample('gitmend_deliveries_total{door="github",result="accepted",reason="accepted"}');
    expect(heard).toBeGreaterThanOrEqual(1);
    expect(
      await sample('gitmend_deliveries_total{door="github",result="refused",reason="signature"}'),
    ).toBeGreaterThanOrEqual(1);
    expect(said()).toHaveLength(1);
    for (const one of [secret, doorToken, lab.env.read['GITMEND_GITHUB_TOKEN'] ?? '?'])
      expect(logged.join('')).not.toContain(one);
  }, 150_000);

  it('does not start without a secret of its web hooks', async () => {
    const without = await githubLab(false);
    await expect(startServe(without.setup)).rejects.toMatchObject({ code: 'WEBHOOK_UNGUARDED' });
    const { setup } = await githubLab(true);
    for (const GITMEND_WEBHOOK_SECRET of [undefined, '', '  ']) {
      const started = startServe({ ...setup, env: { ...setup.env, GITMEND_WEBHOOK_SECRET } });
      await expect(started).rejects.toMatchObject({
        code: 'ENV_MISSING',
        message: expect.stringContaining('GITMEND_WEBHOOK_SECRET'),
      });
    }
  });
});
