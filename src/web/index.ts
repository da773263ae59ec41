import { openAssets } from './assets.ts';
import { registerButtons } from './buttons.ts';
import { registerGit } from './git.ts';
import { guard } from './guard.ts';
import { loginLimiter } from './limiter.ts';
import { registerLogin } from './login.ts';
import { registerPages } from './pages.ts';
import { forgeOfPerson } from './person.ts';
import { liveReader } from './reading.ts';
import { doorman } from './session.ts';
import type { App, PageSetup, Site } from './site.ts';

export type { PageSetup } from './site.ts';

/** The side of people: login, pages, buttons, and git. Everything but the login is for those who are logged in. */
export function registerPage(app: App, setup: PageSetup): void {
  const { ground, clock } = setup;
  const site: Site = {
    ...setup,
    people: doorman({ ...setup, limiter: loginLimiter(() => clock.now()) }),
    assets: openAssets(),
    forgeOf: forgeOfPerson(ground.forge, clock),
    live: liveReader(ground),
  };
  app.use('*', guard(setup));
  app.get('/assets/:name', (c) => {
    const asset = site.assets.get(c.req.param('name'));
    if (asset === undefined) return c.notFound();
    const headers = { 'content-type': asset.type, 'cache-control': 'public, max-age=31536000, immutable' };
    return c.body(asset.body, 200, headers);
  });
  registerLogin(app, site);
  registerGit(app, site);
  registerPages(app, site);
  registerButtons(app, site);
}
