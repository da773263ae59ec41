import { isGitmendError } from '../core/errors.ts';
import { guestsPage } from './html/guests.ts';
import type { Page } from './html/layout.ts';
import { logPage } from './html/log.ts';
import { markup } from './html/markup.ts';
import { overviewPage } from './html/overview.ts';
import { pullRequestPage } from './html/pull-request.ts';
import { runPage } from './html/run.ts';
import { readPullRequest, readRun } from './reading.ts';
import { answer, type App, type Ask, askToLogin, printPage, type Site } from './site.ts';
import { guestsOf } from './view/guests.ts';
import { logRows } from './view/log.ts';
import { overviewOf } from './view/overview.ts';
import type { Picture, Viewer } from './view/picture.ts';
import { pullRequestOf, type PullRequestInput } from './view/pull-request.ts';
import { runOf } from './view/run.ts';

/** What is in the frame of one page; `undefined`: there is nothing under that address. */
export type Content = Pick<Page, 'title' | 'body' | 'notice'>;
type Make = (c: Ask, viewer: Viewer, picture: Picture) => Promise<Content | undefined>;

/** Lines of the log on one page; `gitmend log` has them all. */
const mostLines = 500;

/** Every page, for those who are logged in. */
export function registerPages(app: App, site: Site): void {
  const { ground, clock } = site;
  const pages: { readonly [path: string]: Make } = {
    '/': async (_, viewer, picture) => ({
      title: 'Overview',
      body: overviewPage(overviewOf(picture, viewer, clock.now())),
    }),
    '/log': async (_, __, { truth }) => ({
      title: 'Log',
      body: logPage(logRows(truth?.records ?? []).slice(0, mostLines)),
    }),
    '/guests': async (_, __, picture) => {
      const { live, at } = await site.live(picture);
      return { title: 'Guests', body: guestsPage(guestsOf(picture.truth, live, at)) };
    },
    '/pull/:number': async (c, viewer, picture) => {
      const input = await pullRequestNamed(site, c, picture);
      const notice = notices[c.req.query('said') ?? ''];
      return input === undefined ? undefined : pullRequestContent(site, input, viewer, picture, notice);
    },
    '/runs/:run': async (c, _, picture) => {
      const input = await readRun(ground, picture, c.req.param('run') ?? '');
      if (input === undefined) return undefined;
      const view = runOf(input, clock.now());
      return { title: view.title, body: runPage(view) };
    },
  };
  for (const [path, make] of Object.entries(pages)) app.get(path, (c) => show(site, c, make));
}

const notices: { readonly [said: string]: NonNullable<Page['notice']> } = {
  merged: { tone: 'good', text: 'Merged. The runner applies exactly this plan; this page shows how it goes.' },
  approved: { tone: 'good', text: 'Approved.' },
};

const missing: Content = {
  title: 'Nothing here',
  body: markup`<header class="page-head"><h1>There is nothing here</h1><p><a href="/">Back to the overview</a></p></header>`,
};

async function show(site: Site, c: Ask, make: Make): Promise<Response> {
  const viewer = await site.people.viewer(c);
  if (viewer === undefined) return askToLogin(c);
  const picture = site.picture();
  const frame = { path: c.req.path, viewer, at: picture.at };
  const content = await make(c, viewer, picture);
  return content === undefined
    ? c.html(printPage(site, { ...missing, ...frame }), 404)
    : answer(c, printPage(site, { ...content, ...frame }));
}

/** What there is about the pull request that the path names. */
export async function pullRequestNamed(site: Site, c: Ask, picture: Picture): Promise<PullRequestInput | undefined> {
  const text = c.req.param('number') ?? '';
  if (!/^[1-9]\d{0,8}$/.test(text)) return undefined;
  try {
    return await readPullRequest(site.ground, picture, Number(text));
  } catch (error) {
    if (isGitmendError(error, 'FORGE_REFUSED')) return undefined;
    throw error;
  }
}

/** The page of one pull request, with what a button answered. */
export function pullRequestContent(
  { clock }: Site,
  input: PullRequestInput,
  viewer: Viewer,
  picture: Picture,
  notice: Page['notice'],
): Content {
  const view = pullRequestOf(input, picture, viewer, clock.now());
  const body = pullRequestPage(view);
  return { title: `#${view.number} ${view.title}`, body, ...(notice === undefined ? {} : { notice }) };
}
