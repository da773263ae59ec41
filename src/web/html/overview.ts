import type { FlightView } from '../view/flights.ts';
import type { NeedView } from '../view/needs.ts';
import type { OverviewView } from '../view/overview.ts';
import type { IncidentView } from '../view/incidents.ts';
import type { LogRow } from '../view/log.ts';
import { markup, type Html, nothing } from './markup.ts';
import { icon } from './icons.ts';
import { chip, held, linked, pullLink, time } from './parts.ts';

export function overviewPage(view: OverviewView): Html {
  const { needs, open, pending, verifying, unapproved, incidents, log } = view;
  return markup`<section class="hero ${view.tone}">
    <h1>${view.headline}</h1>
    <p class="muted">${view.basis.join(' · ')}${view.waiting > 0 ? markup`${view.basis.length > 0 ? ' · ' : ''}<strong>${view.waiting} ${view.waiting === 1 ? 'delivery' : 'deliveries'} being looked at</strong>` : nothing}</p>
  </section>
  ${tiles(view)}
  <div class="columns">
    <div>
      ${section('needs', 'Needs you', needs.map(needCard), 'Nothing. gitmend says so here, and by the channels in gitmend.yaml, when that changes.')}
      ${open.length === 0 ? nothing : section('open', 'Open', open.map(needCard), '')}
      ${verifying.length === 0 ? nothing : section('verifying', 'Being verified', verifying.map(flightCard), '')}
      ${pending.length === 0 ? nothing : section('pending', 'Pending', pending.map(flightCard), '')}
      ${unapproved.length === 0 ? nothing : section('unapproved', 'Unapproved', unapproved.map(flightCard), '')}
      ${section('incidents', 'Incidents', incidents.map(incidentCard), 'No alert has come in yet.')}
    </div>
    <aside aria-labelledby="log-title"><h2 id="log-title">Log</h2>${logList(log)}${log.length === 0 ? nothing : markup`<p><a href="/log">The whole log</a></p>`}</aside>
  </div>`;
}

/** The four counts that tell at a glance whether anything is going on. */
function tiles({ needs, pending, verifying, unapproved }: OverviewView): Html {
  const all = [
    { id: 'needs', name: 'needs you', count: needs.length, tone: 'attention' },
    { id: 'pending', name: 'pending', count: pending.length, tone: 'busy' },
    { id: 'verifying', name: 'being verified', count: verifying.length, tone: 'busy' },
    { id: 'unapproved', name: 'unapproved', count: unapproved.length, tone: 'attention' },
  ];
  return markup`<ul class="tiles" aria-label="Counts">${all.map(
    ({ id, name, count, tone }) =>
      markup`<li class="${count > 0 ? tone : 'none'}">${
        count > 0
          ? markup`<a href="#${id}"><strong>${count}</strong> <span>${name}</span></a>`
          : markup`<span class="tile"><strong>0</strong> <span>${name}</span></span>`
      }</li>`,
  )}</ul>`;
}

function section(id: string, title: string, cards: readonly Html[], empty: string): Html {
  return markup`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${cards.length === 0 ? markup`<p class="muted empty">${empty}</p>` : markup`<ul class="cards">${cards}</ul>`}</section>`;
}

function needCard({ key, title, chip: state, text, next, asked, link, since, at, revive }: NeedView): Html {
  return markup`<li class="card ${state.tone}" id="${key}">
    <div class="card-head"><h3>${link === undefined ? title : markup`<a href="${link}">${title}</a>`}</h3>${chip(state)}</div>
    ${text === '' ? nothing : markup`<p>${linked(text)}</p>`}
    <p class="next">${linked(next)}</p>
    ${at === '' && asked === undefined ? nothing : markup`<p class="card-foot"><span class="muted small">${since} ${time(at)}</span>${asked === undefined ? nothing : markup`<a class="button primary" href="${link ?? '/'}">${icon('arrow')}${asked}</a>`}</p>`}
    ${revive === undefined ? nothing : markup`<form method="post" action="/dead/${revive}/revive"><button type="submit">Try it again</button></form>`}
  </li>`;
}

function flightCard({ key, tone, title, text, link, window }: FlightView): Html {
  return markup`<li class="card ${tone}" id="${key}">
    <div class="card-head"><h3>${link === undefined ? title : markup`<a href="${link}">${title}</a>`}</h3></div>
    <p>${linked(text)}</p>
    ${
      window === undefined
        ? nothing
        : markup`<progress data-from="${window.from}" data-until="${window.until}" max="1" value="${window.passed.toFixed(3)}" aria-label="Verification window"></progress>
    <p class="muted small">${window.looks === 0 ? 'The first look is due' : markup`${window.looks} ${window.looks === 1 ? 'look' : 'looks'} until now, the last: ${held(window.last)}`}. Ends ${time(window.until, 'clock')}</p>`
    }
  </li>`;
}

function incidentCard({
  key,
  at,
  alert,
  since,
  name,
  chip: state,
  summary,
  rows,
  facts,
  considered,
  helps,
  pullRequest,
}: IncidentView): Html {
  const id = `incident-${key.replace(/[^A-Za-z0-9]+/g, '-')}`;
  return markup`<li class="card quiet" id="${id}">
    <div class="card-head"><h3>${name} <span class="muted">${alert}</span></h3>${chip(state)}</div>
    <p>${linked(summary)}${pullRequest === undefined ? nothing : markup` ${pullLink(pullRequest)}`}</p>
    ${helps.length === 0 ? nothing : markup`<p class="next">What helps: ${linked(helps.join('; '))}</p>`}
    ${rows.length === 0 ? nothing : markup`<p class="muted small">Proposed</p><dl class="considered">${rows.map(({ field, now, proposed, why: reason }) => markup`<div><dt>${field}</dt><dd>${held(now)} → <strong>${held(proposed)}</strong>, ${held(reason)}</dd></div>`)}</dl>`}
    ${considered.length === 0 ? nothing : markup`<p class="muted small">Also considered</p><dl class="considered">${considered.map(({ cause, verdict }) => markup`<div><dt>${cause}</dt><dd>${held(verdict)}</dd></div>`)}</dl>`}
    ${facts.length === 0 ? nothing : markup`<details id="${id}-facts"><summary>Evidence: ${facts.length} facts</summary><dl class="fold">${facts.map(({ fact, value, source }) => markup`<div><dt>${fact}</dt><dd>${held(value)} <span class="muted small">${source}</span></dd></div>`)}</dl></details>`}
    <p class="muted small">fires since ${time(since)}, diagnosed ${time(at)}</p>
  </li>`;
}

export function logList(rows: readonly LogRow[]): Html {
  if (rows.length === 0) return markup`<p class="muted empty">Nothing has happened yet.</p>`;
  return markup`<ol class="log">${rows.map(
    ({ key, at, chip: state, name, what, pullRequest, after, link, remedy }) => markup`<li id="log-${key}">
      <p class="log-head">${chip(state)} ${time(at)}</p>
      <p>${link === undefined ? markup`<strong>${name}</strong>` : markup`<a href="${link}">${name === '' ? 'the repository' : name}</a>`}: ${held(what)} ${pullLink(pullRequest)}</p>
      ${after === '' && remedy === '' ? nothing : markup`<p class="muted small">${[remedy, after].filter((text) => text !== '').join(' · ')}</p>`}
    </li>`,
  )}</ol>`;
}
