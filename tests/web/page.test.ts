import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openServed, type Served } from '../serve/served.ts';
import { complaints, hasChromium, openBrowser, violationsOn, tabTo, windows } from './browser.ts';

const patient = { timeout: 40_000, interval: 100 };

// One story on one page, so the tests follow each other: before the alert, before the merge, the merge by keyboard, after it.
describe.skipIf(!hasChromium)('the page in Chromium', () => {
  let one: Served & { close(): Promise<void> };
  let browser: Browser;
  let session: Awaited<ReturnType<BrowserContext['storageState']>>;

  beforeAll(async () => {
    [one, browser] = await Promise.all([openServed(), openBrowser()]);
  });

  afterAll(async () => {
    await browser.close();
    await one.close();
  });

  /** A window of its own, closed when the test ends. */
  async function window(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({ ...windows['wide'], ...options });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(patient.timeout);
    return page;
  }

  /** The same for somebody who is logged in. */
  async function opened(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await window({ storageState: session, ...options });
    await page.goto(one.page + path);
    return page;
  }

  /** In every window, light and dark: nothing that the checker minds, nothing that sticks out, no complaint. */
  async function looksWell(page: Page, path: string): Promise<void> {
    const heard = complaints(page);
    await page.goto(one.page + path);
    for (const [name, { viewport, colorScheme = 'light' }] of Object.entries(windows)) {
      await page.emulateMedia({ colorScheme });
      if (viewport) await page.setViewportSize(viewport);
      // Both layouts and both sets of colours by every rule; what else two of them make together is contrast.
      const rule = name === 'wide' || name === 'phone and dark' ? undefined : 'color-contrast';
      expect([path, name, await violationsOn(page, rule)]).toEqual([path, name, []]);
      const overflow = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      expect([path, name, overflow]).toEqual([path, name, 0]);
    }
    expect(heard).toEqual([]);
  }

  it('is opened with the token in its field, or behind the # of an address, which forgets it at once', async () => {
    const page = await window();
    const heard = complaints(page);
    await looksWell(page, '/login');
    await page.goto(`${one.page}/login?next=%2Flog#${one.token}`);
    await page.waitForFunction('location.hash === "" && document.activeElement.textContent === "Open"');
    expect(page.url()).toBe(`${one.page}/login?next=%2Flog`);
    expect(await page.inputValue('#token')).toBe(one.token);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${one.page}/log`);
    session = await page.context().storageState();
    expect(heard).toEqual([]);
  });

  it('says that nothing happened, and shows an incident as it comes in', async () => {
    const page = await opened('/');
    await page.waitForSelector('h1:has-text("All is as declared")');
    expect(await page.textContent('#incidents')).toContain('No alert has come in yet.');
    await one.alert();
    await page.waitForSelector('h1:has-text("1 thing needs you")');
    expect(await page.textContent('#needs')).toContain('wants approval');
    const text = await page.textContent('#incidents');
    for (const words of [
      ...['postgres', 'LxcMemoryHigh', '2048\u00a0MiB → 3072\u00a0MiB', 'at its cap'],
      ...['Also considered', 'page cache', 'leak', 'Evidence: 9 facts'],
    ])
      expect(text).toContain(words);
  });

  it.each(['/', '/pull/1', '/guests', '/log'])(
    'is accessible and fits, wide and on a phone, light and dark: %s',
    async (path) => {
      const page = await opened('/login');
      await looksWell(page, path);
    },
  );

  it('shows everything without scripts, and the buttons work', async () => {
    const page = await opened('/', { javaScriptEnabled: false });
    expect(await page.textContent('h1')).toBe('1 thing needs you');
    // The stand-in's figures breathe a little with the real clock.
    expect(await page.textContent('details dl')).toMatch(/19\d\d\u00a0MiB/);
    await page.click('a[href="/pull/1"]');
    expect(await page.textContent('.lead')).toBe('1 change, nothing destroyed, no reboot.');
    expect(await page.textContent('table.diff .del')).toContain('− removedmemory: 2048');
    expect(await page.textContent('table.diff .add')).toContain('+ addedmemory: 3072');
    await page.click('button:has-text("Approve")');
    await page.waitForURL('**/pull/1?said=approved');
    expect(await one.lab.forge.reviews(1)).toMatchObject([{ author: 'maintainer', state: 'approved' }]);
    await one.lab.forge.dismissReview(1, (await one.lab.forge.reviews(1))[0]?.id ?? '', 'only tried');
    await page.goto(one.page);
    await page.click('button:has-text("Log out")');
    await page.waitForURL('**/login');
    // The session of the others ended with it.
    await page.fill('#token', one.token);
    await page.click('main button[type=submit]');
    await page.waitForURL(`${one.page}/`);
    session = await page.context().storageState();
  });

  it('is read and approved and merged by keyboard alone, the focus always in sight', async () => {
    const page = await window();
    const heard = complaints(page);
    await page.goto(`${one.page}/login`);
    await page.waitForFunction('document.activeElement.id === "token"');
    await page.keyboard.type(one.token);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${one.page}/`);
    expect((await tabTo(page, /Skip to the content/)).visible).toBe(true);
    expect((await tabTo(page, /^#1 postgres/)).visible).toBe(true);
    expect((await tabTo(page, /^Read and decide$/)).visible).toBe(true);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/pull/1');
    expect((await tabTo(page, /^Evidence/)).visible).toBe(true);
    await page.keyboard.press('Enter');
    expect(await page.isVisible('details[open] table')).toBe(true);
    expect((await tabTo(page, /^Approve$/)).visible).toBe(true);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/pull/1?said=approved');
    expect((await one.lab.forge.reviews(1)).at(-1)).toMatchObject({ author: 'maintainer', state: 'approved' });
    expect(await page.isDisabled('button:has-text("Approve")')).toBe(true);
    expect((await tabTo(page, /^Merge$/)).visible).toBe(true);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/pull/1?said=merged');
    expect(await page.textContent('.notice')).toContain('Merged.');
    expect(await one.lab.forge.pullRequest(1)).toMatchObject({ state: 'merged', mergedBy: 'maintainer' });
    expect(heard).toEqual([]);
  });

  it('updates by itself, without losing what is open or focused', async () => {
    const page = await opened('/');
    await page.waitForSelector('#pending');
    await page.focus('#incidents summary');
    await page.keyboard.press('Enter');
    await one.run();
    await page.waitForSelector('#verifying progress');
    expect(await page.evaluate('document.activeElement.tagName')).toBe('SUMMARY');
    expect(await page.isVisible('#incidents details[open] dl')).toBe(true);
  });

  it('shows the run step by step, its looks and its record', async () => {
    await expect
      .poll(async () => {
        await one.run();
        return (await one.lab.forge.comments(1)).at(-1)?.body;
      }, patient)
      .toContain('**Verified**');
    const page = await opened('/');
    await page.waitForSelector('.log >> text=memory 2048 → 3072');
    await page.click('.log a[href^="/runs/"]');
    await page.waitForURL('**/runs/*');
    await page.waitForSelector('#record');
    const text = (await page.textContent('main')) ?? '';
    for (const words of ['Steps', 'intended', 'applied', 'look', 'outcome: verified', 'Approved by'])
      expect(text).toContain(words);
    expect(await page.getAttribute('.chart svg', 'aria-label')).toMatch(/memory in use: \d+ looks, last 6\d %/);
    for (const path of [new URL(page.url()).pathname, '/pull/1']) await looksWell(page, path);
  }, 120_000);
});
