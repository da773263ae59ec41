// Draws a pull request on a real Gitea whose own runner has planned it, in Debian's Chromium (docs/forges.md, Trying it):
//   GITMEND_TEST_GITEA_TOKEN=… GITMEND_TEST_GITEA_BOT_TOKEN=… node tests/tools/draw-gitea.ts http://127.0.0.1:3000
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { ask, giteaPlace, type GiteaPlace } from '../../demo/gitea-home.ts';
import { openWithRealCi } from '../../demo/real-ci.ts';
import { memoryShort } from '../../simulators/pve/index.ts';
import { systemClock } from '../../src/cli/clock.ts';
import { openBrowser } from '../web/browser.ts';

const [url, folder = 'docs/images'] = process.argv.slice(2);
const window = { viewport: { width: 1100, height: 900 }, colorScheme: 'light' } as const;
/** Pixels around what is drawn; on its left Gitea sets borders, and the avatar of who said it, outside of its box. */
const margin = 10;
const left = 80;
/** Who looks: an account of its own, because a token opens no page. */
const account = 'alex';

const place = giteaPlace(url, process.env);
const { lab, bot, repository } = await openWithRealCi(
  { clock: systemClock, trouble: memoryShort },
  place,
  (line) => void process.stdout.write(`${line}\n`),
);
try {
  await bot.heal();
  await draw(place, `${place.url}/${repository}/pulls/1`, await passwordFor(place));
} finally {
  await lab.close();
  await rm(lab.folder, { recursive: true, force: true });
  await ask(place.url, place.token, 'DELETE', `repos/${repository}`);
}

async function passwordFor({ url: server, token }: GiteaPlace): Promise<string> {
  const password = randomBytes(18).toString('base64url');
  const settings = { login_name: account, source_id: 0, password, must_change_password: false };
  const email = `${account}@example.org`;
  await ask(server, token, 'PATCH', `admin/users/${account}`, settings).catch(() =>
    ask(server, token, 'POST', 'admin/users', { username: account, email, ...settings }),
  );
  await ask(server, token, 'PUT', `repos/${repository}/collaborators/${account}`, { permission: 'write' });
  return password;
}

async function draw({ url: server }: GiteaPlace, address: string, password: string): Promise<void> {
  const browser = await openBrowser();
  try {
    const page = await (await browser.newContext(window)).newPage();
    await page.goto(`${server}/user/login`);
    await page.fill('#user_name', account);
    await page.fill('#password', password);
    await page.keyboard.press('Enter');
    await page.waitForURL((at) => !at.pathname.endsWith('/login'));
    // The page goes on asking for what is new, so it is never quiet.
    await page.goto(address, { waitUntil: 'load' });
    await part(page, '.comment:has(:text("Merging approves"))', 'gitea-plan.png');
    await part(page, '.timeline-item.pull-merge-box, .merge.box', 'gitea-checks.png');
  } finally {
    await browser.close();
  }
}

async function part(page: Page, selector: string, file: string): Promise<void> {
  const box = await page.locator(selector).first().boundingBox();
  if (box === null) throw new Error(`nothing to be seen at ${selector}`);
  const [x, y] = [box.x - left, box.y - margin];
  const clip = { x, y, width: box.width + left + margin, height: box.height + 2 * margin };
  await page.screenshot({ path: `${folder}/${file}`, fullPage: true, clip });
}
