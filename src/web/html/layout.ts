import type { Viewer } from '../view/picture.ts';
import { markup, type Html, nothing } from './markup.ts';
import { icon } from './icons.ts';

export interface Page {
  title: string;
  /** Path of the page, for the navigation. */
  path: string;
  /** Nobody is logged in on the login page. */
  viewer: Viewer | undefined;
  /** When gitmend looked last, ISO 8601 UTC; '' where that does not matter. */
  at: string;
  /** What happened to the form that was sent: shown once, above everything. */
  notice?: { tone: 'good' | 'bad'; text: string };
  body: Html;
  assets: { readonly [name: string]: string };
}

const places = [
  { path: '/', name: 'Overview' },
  { path: '/guests', name: 'Guests' },
  { path: '/log', name: 'Log' },
] as const;

/** A whole page. No script and no style is inline, nothing is loaded from elsewhere; without scripts all of it is there. */
export function layout({ title, path, viewer, at, notice, body, assets }: Page): Html {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" media="(prefers-color-scheme: light)" content="#faf9f6">
<meta name="theme-color" media="(prefers-color-scheme: dark)" content="#15181c">
<title>${title} · gitmend</title>
<link rel="icon" href="${assets['icon.svg'] ?? ''}" type="image/svg+xml">
<link rel="stylesheet" href="${assets['style.css'] ?? ''}">
<script src="${assets[viewer === undefined ? 'login.js' : 'page.js'] ?? ''}" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top"><div class="wide">
  <a class="mark" href="/">${icon('merge')}<span>gitmend</span></a>
  ${viewer === undefined ? nothing : navigation(path, viewer)}
</div></header>
<main id="main" class="wide" tabindex="-1" data-path="${path}">
${notice === undefined ? nothing : markup`<p class="notice ${notice.tone}" role="status">${notice.text}</p>`}
${body}
</main>
<footer class="wide"><p><span id="live" role="status"></span>${at === '' ? nothing : markup` Looked <time datetime="${at}" title="${at}">${at.slice(11)}</time>. All times are UTC.`}</p></footer>
</body>
</html>
`;
}

function navigation(path: string, { name, role }: Viewer): Html {
  return markup`<nav aria-label="Pages">${places.map(
    (place) =>
      markup`<a href="${place.path}"${place.path === path ? markup` aria-current="page"` : nothing}>${place.name}</a>`,
  )}</nav>
  <form class="who" method="post" action="/logout"><span>${name}${role === 'reader' ? ' (reader)' : ''}</span><button class="plain" type="submit">Log out</button></form>`;
}
