import { createHmac } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { giteaHome } from '../../demo/gitea-home.ts';
import type { PersonForge } from '../../demo/home.ts';
import { type Lab, openLabOn } from '../../demo/lab.ts';
import { startGitea } from '../../simulators/gitea/index.ts';
import { memoryShort } from '../../simulators/pve/index.ts';
import { systemClock } from '../../src/cli/clock.ts';
import { startServe } from '../../src/serve/index.ts';
import { readSettings } from '../../src/serve/settings.ts';

const patient = { timeout: 60_000, interval: 100 };
const doorToken = 'a-token-for-the-door-of-tests';
const secret = 'a-secret-of-the-web-hook';

/** A lab on a Gitea, whose gitmend.yaml names both doors. */
async function giteaLab(): Promise<Lab<PersonForge>> {
  const gitea = await startGitea({ clock: systemClock });
  const place = { url: gitea.url, token: gitea.token('maintainer'), botToken: gitea.token('gitmend') };
  const home = await giteaHome(place);
  const yaml = home.yaml.replace(/ \}$/, ', webhookSecret: env:GITMEND_WEBHOOK_SECRET }');
  const lab = await openLabOn({ ...home, yaml }, { clock: systemClock, trouble: memoryShort });
  onTestFinished(async () => {
    await lab.end();
    await gitea.close();
    await rm(lab.folder, { recursive: true, force: true });
  });
  const file = `${lab.clone}/gitmend.yaml`;
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/^(alertmanager: \{ url: "[^"]+")/m, '$1, doorToken: env:GITMEND_ALERT_TOKEN'));
  return lab;
}

describe('gitmend serve on a Gitea', () => {
  it('heals an alert into a pull request with its plan, and plans again when a web hook says so', async () => {
    const lab = await giteaLab();
    const logged: string[] = [];
    const serving = await startServe({
      directory: lab.clone,
      account: 'not asked for: the token tells',
      env: { ...lab.env.read, GITMEND_ALERT_TOKEN: doorToken, GITMEND_WEBHOOK_SECRET: secret },
      clock: systemClock,
      settings: readSettings({ page: '127.0.0.1:0', door: '127.0.0.1:0' }, {}),
      write: (line) => logged.push(line),
    });
    onTestFinished(() => serving.stop());
    const machine = new URL(serving.door).origin;
    const delivered = await fetch(serving.door, {
      method: 'POST',
      headers: { authorization: `Bearer ${doorToken}`, 'content-type': 'application/json' },
      body: await readFile(lab.payload, 'utf8'),
    });
    expect(delivered.status).toBe(200);
    const open = () => lab.forge.pullRequests({ state: 'open' });
    await expect.poll(async () => (await open()).length, patient).toBe(1);
    const [pr] = await open();
    await expect.poll(async () => (await lab.forge.comments(pr?.number ?? 0)).length, patient).toBe(1);
    expect(pr).toMatchObject({ author: 'gitmend', title: expect.stringContaining('3072 MiB') });
    const body = JSON.stringify({ action: 'synchronized', number: pr?.number });
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    const event = { method: 'POST', body, headers: { 'x-gitea-signature': signature } };
    const passes = () => passesOf(machine);
    const before = await passes();
    expect((await fetch(`${machine}/signals/gitea`, event)).status).toBe(200);
    // Sooner than the 15 s after which a forge that is not local is looked at anyway.
    await expect.poll(passes, { ...patient, timeout: 10_000 }).toBeGreaterThan(before);
    expect(await lab.forge.comments(pr?.number ?? 0)).toHaveLength(1);
    // Of a pull request: a Node gets ready for its synthesis, in a private folder, before anything is known of it.
    const [usual, temporary] = [process.env['TMPDIR'], `${lab.folder}/tmp`];
    onTestFinished(() => {
      if (usual === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = usual;
    });
    process.env['TMPDIR'] = temporary;
    const synthesizing = () => readdirSync(temporary).some((name) => name.startsWith('gitmend-synth-'));
    expect(synthesizing()).toBe(false);
    await fetch(`${machine}/signals/gitea`, {
      ...event,
      headers: { ...event.headers, 'x-gitea-event': 'pull_request' },
    });
    await expect.poll(synthesizing, { ...patient, interval: 5 }).toBe(true);
    for (const one of [secret, doorToken, lab.env.read['GITMEND_GITEA_TOKEN'] ?? '?'])
      expect(logged.join('')).not.toContain(one);
  }, 150_000);
});

async function passesOf(machine: string): Promise<number> {
  const text = await (await fetch(`${machine}/metrics`)).text();
  return Number(/^gitmend_passes_total\{loop="planning",result="done"\} (\d+)$/m.exec(text)?.[1] ?? 0);
}
