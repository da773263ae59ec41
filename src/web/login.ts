import { loginPage } from './html/login.ts';
import { type App, formOf, printPage, type Site } from './site.ts';

/** The only page without a session, the way in, and the way out. */
export function registerLogin(app: App, site: Site): void {
  const page = (next: string, fault: string) =>
    printPage(site, { title: 'Open', path: '/login', viewer: undefined, at: '', body: loginPage({ next, fault }) });
  app.get('/login', (c) => c.html(page(localPath(c.req.query('next')), '')));
  app.post('/login', async (c) => {
    const form = await formOf(c);
    const next = localPath(form['next']);
    const entered = await site.people.login(c, form['token'] ?? '');
    return entered.ok ? c.redirect(next, 303) : c.html(page(next, entered.why), entered.status);
  });
  app.post('/logout', async (c) => {
    await site.people.logout(c);
    return c.redirect('/login', 303);
  });
}

/** Where to go after the login: a path here, never another site. */
export function localPath(text: string | undefined): string {
  return text !== undefined && /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(text) ? text : '/';
}
