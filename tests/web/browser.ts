import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { answers, needs } from '../support/needs.ts';

const executablePath = '/usr/bin/chromium';

/** Whether Debian's Chromium is here. */
export const hasChromium = needs('chromium', () => answers(executablePath, ['--version']));

const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath, args });
}

/** The windows that a page must be at home in. */
export const windows: { readonly [name: string]: BrowserContextOptions } = {
  wide: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true },
  'wide and dark': { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  'phone and dark': { viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
};

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What the accessibility checker finds, of whatever weight, as `rule: the first element`; by all of its rules or by one. */
export async function violationsOn(page: Page, rule?: string): Promise<string[]> {
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(axe);
  const found = await page.evaluate(
    `axe.run(document, { resultTypes: ["violations"]${rule === undefined ? '' : `, runOnly: ["${rule}"]`} }).then(({ violations }) => violations.map(({ id, impact, nodes }) => ({ id, impact, target: String(nodes[0].target), html: nodes[0].html })))`,
  );
  const violations = found as { id: string; impact: string; target: string; html: string }[];
  return violations.map(({ id, impact, target, html }) => `${id} (${impact}): ${target} ${html.slice(0, 120)}`);
}

/** Everything that a page complained about: refused by the content security policy, thrown, or not found. */
export function complaints(page: Page): string[] {
  const heard: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') heard.push(message.text());
  });
  page.on('pageerror', (error) => heard.push(error.message));
  return heard;
}

/** Goes on with the Tab key alone until that is focused; fails where it cannot be reached. Says whether the focus is seen. */
export async function tabTo(page: Page, name: RegExp): Promise<{ text: string; visible: boolean }> {
  for (let steps = 0; steps < 60; steps += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate<{ text: string; visible: boolean }>(
      '(() => { const e = document.activeElement; const s = getComputedStyle(e); return { text: (e.getAttribute("aria-label") || e.textContent || e.id || "").trim(), visible: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 }; })()',
    );
    if (name.test(focused.text)) return focused;
  }
  throw new Error(`nothing that matches ${String(name)} can be reached by the Tab key`);
}
