import { markup, type Html, nothing } from './markup.ts';

/** The door for people: one field. The token is the one that `gitmend serve --add-person` printed. */
export function loginPage({ next, fault }: { next: string; fault: string }): Html {
  return markup`<div class="login">
  <h1>Open gitmend</h1>
  <p class="muted">Paste the token that the first start, or <code>gitmend serve --add-person NAME</code>, printed.</p>
  ${fault === '' ? nothing : markup`<p class="notice bad" role="alert">${fault}</p>`}
  <form method="post" action="/login">
    <input type="hidden" name="next" value="${next}">
    <input class="unseen" name="account" autocomplete="username" value="gitmend" tabindex="-1" aria-hidden="true" readonly>
    <label for="token">Token</label>
    <input id="token" name="token" type="password" autocomplete="current-password" required autofocus spellcheck="false">
    <button class="primary" type="submit">Open</button>
  </form>
</div>`;
}
