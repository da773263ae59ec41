// Draws what gitmend says on GitHub as the stand-in holds it: the plan comment and the two check runs of an App, in GitHub's
// public stylesheet for Markdown and in Debian's Chromium. Not a page of github.com, which no program here has seen.
//   node tests/tools/draw-github.ts docs/images/github-plan.png
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { processBot } from '../../demo/bot.ts';
import { githubHome } from '../../demo/github-home.ts';
import { openLabOn } from '../../demo/lab.ts';
import { type Github, startGithub } from '../../simulators/github/index.ts';
import { memoryShort } from '../../simulators/pve/index.ts';
import { systemClock } from '../../src/cli/clock.ts';
import { needed } from '../../src/forges/github/rights.ts';
import { markup, type Html } from '../../src/web/html/markup.ts';
import { blocks } from '../../src/web/html/parts.ts';
import { parseMarkdown } from '../../src/web/view/markdown.ts';
import { openBrowser } from '../web/browser.ts';

const [file = 'docs/images/github-plan.png'] = process.argv.slice(2);
const window = { viewport: { width: 860, height: 900 }, colorScheme: 'light' } as const;

/** The frame around what gitmend says, which is ours. */
const frame = `
  main { width: 820px; padding: 12px; font: 14px/1.5 "Liberation Sans", Arial, sans-serif; color: #1f2328; background: #fff; }
  article, ul { border: 1px solid #d1d9e0; border-radius: 6px; margin: 0 0 12px; padding: 0; list-style: none; }
  header { padding: 8px 16px; background: #f6f8fa; border-bottom: 1px solid #d1d9e0; border-radius: 6px 6px 0 0; color: #59636e; }
  header strong { color: #1f2328; }
  .bot { border: 1px solid #d1d9e0; border-radius: 2em; padding: 0 7px; font-size: 12px; }
  .markdown-body { padding: 16px; font-size: 14px; }
  li { padding: 8px 16px; color: #59636e; }
  li + li { border-top: 1px solid #d1d9e0; }
  li strong { color: #1f2328; font-weight: 600; margin-right: 4px; }
  li span { float: right; }
  li.success span { color: #1a7f37; }
  li.failure span, li.action_required span { color: #d1242f; }`;

const github = await startGithub({ clock: systemClock });
const home = githubHome(github);
const { id, privateKey } = github.installApp('gitmend', { ...needed });
const key = 'GITMEND_GITHUB_APP_KEY';
const lab = await openLabOn(
  {
    ...home,
    yaml: home.yaml.replace('token: env:GITMEND_GITHUB_TOKEN', `app: { id: "${id}", key: env:${key} }`),
    env: { [key]: privateKey },
  },
  { clock: systemClock, trouble: memoryShort },
);
try {
  const bot = processBot(lab, () => undefined);
  await bot.heal();
  await bot.plan();
  await draw(pageOf(github));
} finally {
  await lab.close();
  await github.close();
  await rm(lab.folder, { recursive: true, force: true });
}

async function draw(html: string): Promise<void> {
  const browser = await openBrowser();
  try {
    const page = await (await browser.newContext(window)).newPage();
    await page.setContent(html);
    await page.locator('main').screenshot({ path: file });
  } finally {
    await browser.close();
  }
}

/** The comment by its marker, and the checks of its head. The frame around them is ours, and no more than a frame. */
function pageOf({ world: { said, checks, threads } }: Github): string {
  const comment = said.find(({ body }) => body.startsWith('<!-- gitmend:plan -->'));
  if (comment === undefined) throw new Error(`no plan among ${said.length} comments on ${threads.length} threads`);
  if (checks.length !== 2) throw new Error(`${checks.length} check runs where plan and policy are two`);
  const style = readFileSync(createRequire(import.meta.url).resolve('github-markdown-css/github-markdown-light.css'));
  const text = blocks(parseMarkdown(comment.body), 'plan');
  const page: Html = markup`<main><article>
    <header><strong>${comment.user.login}</strong> <span class="bot">bot</span> commented</header>
    <div class="markdown-body">${text}</div></article>
    <ul>${checks.map((check) => markup`<li class="${check.conclusion ?? 'pending'}"><strong>${check.name}</strong> ${check.title ?? ''}<span>${check.conclusion ?? check.status}</span></li>`)}</ul></main>`;
  return `<!doctype html><meta charset="utf-8"><style>${String(style)}${frame}</style>${String(page)}`;
}
