import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openServed, type Served } from '../serve/served.ts';
import { complaints, hasChromium, openBrowser, seriousViolations, tabTo, windows } from './browser.ts';

const patient = { timeout: 40_000, interval: 200 };

// One story on one page, so the tests follow each other: before the merge, the merge by keyboard, after it.
describe.skipIf(!hasChromium)('the page in Chromium', () => {
  let one: Served & { close(): Promise<void> };
  let browser: Browser;
  let shots: string;

  beforeAll(async () => {
    shots = await mkdtemp(join(tmpdir(), 'gitmend-shots-'));
    one = await openServed();
    await one.alert();
    browser = await openBrowser();
    const page = await opened();
    await page.waitForSelector('text=wants approval', { timeout: 60_000 });
    await page.context().close();
  }, 90_000);

  afterAll(async () => {
    await browser.close();
    await one.close();
  });

  /** A fresh window, logged in. */
  async function opened(options: BrowserContextOptions = windows['wide'] ?? {}): Promise<Page> {
    const page = await (await browser.newContext(options)).newPage();
    await page.goto(`${one.page}/login`);
    await page.fill('#token', one.token);
    await page.click('main button[type=submit]');
    return page;
  }

  async function looksWell(name: string, options: BrowserContextOptions, paths: readonly string[]): Promise<void> {
    const page = await opened(options);
    const heard = complaints(page);
    for (const path of paths) {
      await page.goto(one.page + path);
      const file = `${name.replaceAll(' ', '-')}${path.replaceAll('/', '-')}.png`;
      await page.screenshot({ path: join(shots, file), fullPage: true });
      expect([path, await seriousViolations(page)]).toEqual([path, []]);
      const overflow = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      expect([path, overflow]).toEqual([path, 0]);
    }
    expect(heard).toEqual([]);
    await page.context().close();
  }

  it.each(Object.entries(windows))(
    'is accessible and fits, %s',
    (name, options) => looksWell(name, options, ['/login', '/', '/pull/1', '/guests', '/log']),
    60_000,
  );

  it('shows the incident with its evidence and what else was considered', async () => {
    const page = await opened();
    const text = await page.textContent('#incidents');
    for (const words of ['postgres', 'LxcMemoryHigh', 'Also considered', 'page cache', 'leak', 'Evidence: 9 facts'])
      expect(text).toContain(words);
    await page.context().close();
  });

  it('shows everything without scripts, and the buttons work', async () => {
    const page = await opened({ ...windows['wide'], javaScriptEnabled: false });
    expect(await page.textContent('h1')).toBe('1 thing needs you');
    await page.click('a[href="/pull/1"]');
    expect(await page.textContent('.lead')).toBe('1 change, nothing destroyed, no reboot.');
    expect(await page.textContent('table.diff .del')).toContain('− removedmemory: 2048');
    expect(await page.textContent('table.diff .add')).toContain('+ addedmemory: 3072');
    expect(await page.isEnabled('button.primary')).toBe(true);
    await page.context().close();
  });

  it('is read and approved and merged by keyboard alone, the focus always in sight', async () => {
    const context = await browser.newContext(windows['wide']);
    const page = await context.newPage();
    const heard = complaints(page);
    await page.goto(`${one.page}/login`);
    await page.waitForFunction('document.activeElement.id === "token"');
    await page.keyboard.type(one.token);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${one.page}/`);
    expect((await tabTo(page, /Skip to the content/)).visible).toBe(true);
    expect((await tabTo(page, /^#1 postgres/)).visible).toBe(true);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/pull/1');
    expect((await tabTo(page, /^Evidence/)).visible).toBe(true);
    await page.keyboard.press('Enter');
    expect(await page.isVisible('details[open] table')).toBe(true);
    expect((await tabTo(page, /^Approve$/)).visible).toBe(true);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/pull/1?said=approved');
    expect(await one.lab.forge.reviews(1)).toMatchObject([{ author: 'maintainer', state: 'approved' }]);
    expect(await page.isDisabled('button:has-text("Approve")')).toBe(true);
    expect((await tabTo(page, /^Merge$/)).visible).toBe(true);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/pull/1?said=merged');
    expect(await page.textContent('.notice')).toContain('Merged.');
    expect(await one.lab.forge.pullRequest(1)).toMatchObject({ state: 'merged', mergedBy: 'maintainer' });
    expect(heard).toEqual([]);
    await context.close();
  }, 60_000);

  it('updates by itself, without losing what is open or focused', async () => {
    const page = await opened();
    await page.waitForSelector('#pending, #verifying', { timeout: 20_000 });
    await page.focus('#incidents summary');
    await page.keyboard.press('Enter');
    await one.run();
    await page.waitForSelector('#verifying progress', { timeout: 20_000 });
    expect(await page.evaluate('document.activeElement.tagName')).toBe('SUMMARY');
    expect(await page.isVisible('#incidents details[open] dl')).toBe(true);
    await page.context().close();
  }, 60_000);

  it('shows the run step by step, its looks and its record', async () => {
    const page = await opened();
    await expect
      .poll(async () => {
        await one.run();
        return page.textContent('.log');
      }, patient)
      .toContain('memory 2048 → 3072 MiB');
    await page.click('.log a[href^="/runs/"]');
    const text = (await page.textContent('main')) ?? '';
    for (const words of ['Steps', 'intended', 'applied', 'look', 'outcome: verified', 'Approved by'])
      expect(text).toContain(words);
    expect(await page.getAttribute('.chart svg', 'aria-label')).toMatch(/memory in use: \d+ looks, last 6\d %/);
    const run = new URL(page.url()).pathname;
    await page.context().close();
    for (const name of ['wide', 'phone and dark'])
      await looksWell(name, windows[name] ?? {}, ['/', '/pull/1', run, '/guests', '/log']);
  }, 90_000);
});
