/* global document, location, window, DOMParser, fetch, setInterval, setTimeout */
// Keeps a page up to date and writes beside each time how long ago it was. Without it everything is still there: the
// page is then as old as its last load.

const pause = 2000;
const main = document.getElementById('main');
const live = document.getElementById('live');
let tag = '';
let failures = 0;

/** Asks for the same page; the server answers 304 while nothing changed. */
async function look() {
  if (document.visibilityState === 'hidden') return;
  try {
    const answer = await fetch(main.dataset.path || location.pathname, {
      headers: tag === '' ? {} : { 'if-none-match': tag },
      cache: 'no-store',
    });
    if (new URL(answer.url).pathname === '/login') return location.reload();
    failures = 0;
    say('Up to date');
    if (answer.status !== 200) return;
    tag = answer.headers.get('etag') ?? '';
    take(new DOMParser().parseFromString(await answer.text(), 'text/html'));
  } catch {
    failures += 1;
    if (failures > 1) say('gitmend does not answer; trying again');
  }
}

/** Said to those who hear the page only when it changes. */
function say(text) {
  if (live.textContent !== text) live.textContent = text;
}

function take(next) {
  const fresh = next.getElementById('main');
  if (fresh === null) return;
  // What a form was answered with stays until the page is left.
  const notice = main.querySelector(':scope > .notice');
  if (notice !== null) fresh.prepend(notice.cloneNode(true));
  document.title = next.title;
  morph(main, fresh);
  const [from, to] = [next, document].map((page) => page.querySelector('footer time'));
  if (from !== null && to !== null) to.replaceWith(document.importNode(from, true));
  tick();
}

/** Makes one element like another, keeping what is the same: focus, open folds and what is being read stay. */
function morph(old, wanted) {
  if (old.isEqualNode(wanted)) return;
  attributes(old, wanted);
  const theirs = [...wanted.childNodes];
  const ids = new Set(theirs.map((node) => node.id).filter(Boolean));
  for (const node of [...old.childNodes]) if (node.id && !ids.has(node.id)) node.remove();
  const mine = new Map([...old.childNodes].filter((node) => node.id).map((node) => [node.id, node]));
  let at = old.firstChild;
  for (const node of theirs) {
    const known = node.id ? mine.get(node.id) : undefined;
    // What has no name is passed over on the way to what has one: moving an element would take the focus from it.
    while (known !== undefined && at !== null && at !== known && !at.id) at = dropped(at);
    const same = known ?? (at !== null && alike(at, node) ? at : undefined);
    if (same === undefined) old.insertBefore(fresh(node), at);
    else if (same === at) at = at.nextSibling;
    else old.insertBefore(same, at);
    if (same?.nodeType === 1) morph(same, node);
    else if (same !== undefined && same.nodeValue !== node.nodeValue) same.nodeValue = node.nodeValue;
  }
  while (at !== null) at = dropped(at);
}

function dropped(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}

/** A card that was not there before shows for a moment that it is new. */
function fresh(node) {
  const added = document.importNode(node, true);
  if (added.classList?.contains('card')) added.classList.add('fresh');
  return added;
}

function alike(a, b) {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName && (a.id ?? '') === (b.id ?? '');
}

function attributes(old, wanted) {
  // Whether a fold is open is the reader's choice, not the server's.
  const kept = old.nodeName === 'DETAILS' ? ['open'] : [];
  for (const { name } of [...old.attributes])
    if (!wanted.hasAttribute(name) && !kept.includes(name)) old.removeAttribute(name);
  for (const { name, value } of [...wanted.attributes])
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
}

/** `3 min ago` behind every time, and how far a window has come. */
function tick() {
  const now = Date.now();
  const today = new Date(now).toISOString().slice(0, 10);
  for (const time of document.querySelectorAll('time:not(.exact)')) {
    const at = Date.parse(time.dateTime);
    const shown = time.firstChild?.nodeValue ?? '';
    // Of today the day goes without saying; the whole time stays in the title.
    if (/^\d{4}-/.test(shown) && shown.startsWith(today)) time.firstChild.nodeValue = shown.slice(11);
    const words = Number.isNaN(at) ? '' : ` · ${distance((at - now) / 1000)}`;
    let ago = time.querySelector('.ago');
    if (ago === null && shown !== '') {
      ago = document.createElement('span');
      ago.className = 'ago';
      time.append(ago);
    }
    if (ago !== null && ago.textContent !== words) ago.textContent = words;
  }
  for (const bar of document.querySelectorAll('progress[data-from]')) {
    const [from, until] = [Date.parse(bar.dataset.from), Date.parse(bar.dataset.until)];
    bar.value = Math.min(1, Math.max(0, (now - from) / Math.max(1, until - from)));
  }
}

function distance(seconds) {
  const whole = Math.abs(Math.round(seconds));
  const [amount, unit] =
    whole < 90
      ? [whole, 's']
      : whole < 5400
        ? [Math.round(whole / 60), 'min']
        : whole < 129_600
          ? [Math.round(whole / 3600), 'h']
          : [Math.round(whole / 86_400), 'd'];
  return seconds > 0 ? `in ${amount} ${unit}` : `${amount} ${unit} ago`;
}

// One press is one press.
document.addEventListener('submit', (event) => {
  const button = event.target.querySelector('button[type=submit]');
  setTimeout(() => button?.setAttribute('disabled', ''), 0);
});
window.addEventListener('pageshow', tick);
document.addEventListener('visibilitychange', () => void look());
setInterval(tick, 5000);
setInterval(() => void look(), pause);
tick();
