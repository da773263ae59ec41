import { isGitmendError } from '../core/errors.ts';
import { type Pressed, pressApprove, pressMerge } from './actions.ts';
import { pullRequestContent, pullRequestNamed } from './pages.ts';
import { type App, type Ask, askToLogin, formOf, printPage, type Site } from './site.ts';
import type { StandingInput } from './view/merging.ts';
import type { Picture, Viewer } from './view/picture.ts';
import type { PullRequestInput } from './view/pull-request.ts';

const presses = {
  merge: { press: pressMerge, said: 'merged' },
  approve: { press: pressApprove, said: 'approved' },
} as const;

/** What a person can do here: approve, merge, and let a delivery try again. Each is done in that person's name. */
export function registerButtons(app: App, site: Site): void {
  for (const name of Object.keys(presses) as (keyof typeof presses)[])
    app.post(`/pull/:number/${name}`, (c) => pressed(site, c, name));
  app.post('/dead/:seq/revive', async (c) => {
    const viewer = await site.people.viewer(c);
    if (viewer === undefined) return askToLogin(c);
    const seq = c.req.param('seq');
    if (viewer.role === 'approver' && /^\d{1,12}$/.test(seq)) await site.store.inbox.revive(Number(seq));
    site.poke();
    return c.redirect('/', 303);
  });
}

async function pressed(site: Site, c: Ask, name: keyof typeof presses): Promise<Response> {
  const viewer = await site.people.viewer(c);
  if (viewer === undefined) return askToLogin(c);
  const { press, said } = presses[name];
  const picture = site.picture();
  const input = await pullRequestNamed(site, c, picture);
  if (input === undefined) return c.notFound();
  try {
    const forge = await site.forgeOf(viewer.name);
    await press(forge, shownIn(await formOf(c)), standingInput(site, input, viewer, picture));
  } catch (error) {
    if (!isGitmendError(error)) throw error;
    const notice = { tone: 'bad', text: error.message } as const;
    const page = pullRequestContent(site, input, viewer, picture, notice);
    return c.html(printPage(site, { ...page, path: `/pull/${input.pr.number}`, viewer, at: picture.at }), 409);
  }
  site.log(said, { pullRequest: input.pr.number, by: viewer.name });
  site.poke();
  return c.redirect(`/pull/${input.pr.number}?said=${said}`, 303);
}

function standingInput(
  { clock }: Site,
  { pr, plans, reviews }: PullRequestInput,
  viewer: Viewer,
  picture: Picture,
): StandingInput {
  return {
    ...{ pr, reviews, viewer, plan: plans.at(-1), earlier: plans, now: clock.now() },
    waiting: picture.open.find((one) => one.pr.number === pr.number)?.waiting,
    approvers: picture.truth?.rules.config?.approvers ?? [],
  };
}

/** What was on the page when the button was pressed, as the form says it. */
function shownIn(form: { readonly [name: string]: string }): Pressed {
  return { head: form['head'] ?? '', actions: form['actions'] ?? '' };
}
