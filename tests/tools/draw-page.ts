// Draws the page as it is when somebody has to decide, in Debian's Chromium, from the demo's own lab:
//   node tests/tools/draw-page.ts docs/images/page.png
import { rm } from 'node:fs/promises';
import { memoryShort } from '../../simulators/pve/index.ts';
import { systemClock } from '../../src/cli/clock.ts';
import { openLab } from '../../demo/lab.ts';
import { serveLab, type ServedLab } from '../../demo/serve.ts';
import { openBrowser } from '../web/browser.ts';

const [file = 'docs/images/page.png'] = process.argv.slice(2);
/** Sharp at the width that a README gives it. */
const window = { viewport: { width: 1280, height: 1064 }, deviceScaleFactor: 1.25, colorScheme: 'light' } as const;

const lab = await openLab({ clock: systemClock, trouble: memoryShort });
try {
  const served = await serveLab(lab, { window: '10m' });
  try {
    await served.send('firing');
    await draw(served);
  } finally {
    await served.stop();
  }
} finally {
  await lab.close();
  await rm(lab.folder, { recursive: true, force: true });
}

async function draw({ page: address, token }: ServedLab): Promise<void> {
  const browser = await openBrowser();
  try {
    const page = await (await browser.newContext(window)).newPage();
    await page.goto(`${address}/login#${token}`);
    await page.click('main button');
    await page.click('text=Read and decide');
    await page.waitForSelector('button.primary:enabled');
    // Whoever looks at a picture has not opened anything and has no pointer on it.
    await page.mouse.move(0, 0);
    await page.screenshot({ path: file });
  } finally {
    await browser.close();
  }
}
