import type { Chart } from '../view/chart.ts';
import type { RunView, StepView, Transition } from '../view/run.ts';
import { sentenced } from '../view/words.ts';
import { markup, type Html, nothing } from './markup.ts';
import { icon, toneIcon } from './icons.ts';
import { chip, held, linked, moment, pullLink, stages } from './parts.ts';

export function runPage(view: RunView): Html {
  const { title, run, pullRequest, target, message, wayBack, correlation, approvedBy } = view;
  return markup`<header class="page-head">
    <p class="byline">${chip(view.chip)}<span>run <code>${run.slice(0, 7)}</code>${pullRequest === undefined ? nothing : markup` of ${pullLink(pullRequest)}`}${target === '' ? nothing : markup` on <code>${target}</code>`}</span></p>
    <h1>${title}</h1>
    ${message === '' ? nothing : markup`<p class="lead">${linked(sentenced(message))}</p>`}
    ${wayBack === '' ? nothing : markup`<p class="notice bad">${linked(wayBack)}</p>`}
  </header>
  ${stages(view.stages)}
  <div class="columns">
    <div>
      ${view.steps.length === 0 ? nothing : markup`<section aria-labelledby="steps"><h2 id="steps">Steps</h2><ol class="cards steps">${view.steps.map(step)}</ol></section>`}
      ${verification(view)}
      ${view.transitions.length === 0 ? nothing : markup`<section aria-labelledby="journal"><h2 id="journal">Journal</h2><p class="muted small">Each line is a commit that was there before the next thing was done.</p><ol class="journal card">${view.transitions.map(transition)}</ol></section>`}
      ${view.record === undefined ? nothing : markup`<section aria-labelledby="record"><h2 id="record">Record</h2><figure class="file"><figcaption><code>${view.record.path}</code> <span class="muted">on gitmend/records</span></figcaption><pre class="wraps" tabindex="0"><code>${view.record.text}</code></pre></figure></section>`}
    </div>
    <aside aria-labelledby="facts-title"><h2 id="facts-title">In short</h2><div class="card"><dl>
      ${approvedBy === '' ? nothing : markup`<div><dt>Approved by</dt><dd>${approvedBy}</dd></div>`}
      ${view.window === undefined ? nothing : markup`<div><dt>Verification window</dt><dd>${moment(view.window.from)} to ${moment(view.window.until)}</dd></div>`}
      ${view.alertResolvedAt === undefined ? nothing : markup`<div><dt>Alert resolved</dt><dd>${moment(view.alertResolvedAt)}</dd></div>`}
      ${correlation === undefined ? nothing : markup`<div><dt>Correlation</dt><dd><code>${correlation}</code></dd></div>`}
      <div><dt>Run</dt><dd><code>${run}</code></dd></div>
    </dl></div></aside>
  </div>`;
}

function step({ name, where, change, how, state, effect, at, undo }: StepView): Html {
  const words = { done: 'done', sent: 'sent, not confirmed yet', ahead: 'not yet' }[state];
  return markup`<li class="card ${state}">
    <div class="card-head"><h3>${name} <span class="muted">${where}</span></h3><span class="chip ${state === 'done' ? 'good' : 'busy'}">${icon(state === 'done' ? 'check' : 'clock')}${words}</span></div>
    <p><strong>${change}</strong>${how === '' ? '' : `, ${how}`}</p>
    <p class="muted small">${at === '' ? nothing : markup`${moment(at)} `}${effect}${undo === '' ? '' : ` · undo: ${undo}`}</p>
  </li>`;
}

function verification({ verification: words, chart }: RunView): Html {
  if (words === '' && chart === undefined) return nothing;
  return markup`<section aria-labelledby="verification"><h2 id="verification">Verification</h2><div class="card">
    ${words === '' ? nothing : markup`<p>${words}</p>`}
    ${chart === undefined ? nothing : drawing(chart)}
  </div></section>`;
}

/** Looks over the window: one line for each figure, told apart by their dashes and named in the legend. */
function drawing({ width, height, lines, grid, from, until, now, words }: Chart): Html {
  const [left, right, bottom] = [72, width - 12, height - 26];
  return markup`<figure class="chart">
    <svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${words}">
      ${grid.map(({ y, label }) => markup`<line class="grid" x1="${left}" x2="${right}" y1="${y}" y2="${y}"/><text x="${left - 8}" y="${y + 4}" text-anchor="end">${label}</text>`)}
      <text x="${left}" y="${height - 6}">${from.slice(11)}</text><text x="${right}" y="${height - 6}" text-anchor="end">${until.slice(11)}</text>
      ${now === undefined ? nothing : markup`<line class="now" x1="${now}" x2="${now}" y1="8" y2="${bottom}"/>`}
      ${lines.map(({ points, marks, dash }, at) => markup`<g class="line-${at}"><polyline points="${points}" stroke-dasharray="${dash === '' ? 'none' : dash}"/>${marks.map(({ x, y, label }) => markup`<circle cx="${x}" cy="${y}" r="3"><title>${label}</title></circle>`)}</g>`)}
    </svg>
    <figcaption>${lines.map(({ name, last, dash }, at) => markup`<span class="legend line-${at}"><svg width="28" height="8" aria-hidden="true"><line x1="0" x2="28" y1="4" y2="4" stroke-dasharray="${dash === '' ? 'none' : dash}"/></svg>${name} ${last}</span>`)}</figcaption>
  </figure>`;
}

function transition({ at, until, times, word, text, tone }: Transition): Html {
  const more =
    until === undefined ? nothing : markup` <span class="muted">· ${times} looks until ${moment(until)}</span>`;
  return markup`<li class="${tone}"><span class="mark-${tone}">${toneIcon(tone)}</span>${moment(at)} <strong>${word}</strong> <span>${held(text)}${more}</span></li>`;
}
