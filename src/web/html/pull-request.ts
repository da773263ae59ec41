import type { Diff, DiffFile } from '../view/diff.ts';
import type { PullRequestView, Said } from '../view/pull-request.ts';
import { markup, type Html, nothing } from './markup.ts';
import { sentenced } from '../view/words.ts';
import { icon, toneIcon } from './icons.ts';
import { blocks, chip, pullLink, stages, time } from './parts.ts';

export function pullRequestPage(view: PullRequestView): Html {
  const { number, title, author, branch, base, createdAt, of, run } = view;
  return markup`<header class="page-head">
    <p class="byline">${chip(view.chip)}<span>opened by <strong>${author}</strong> ${time(createdAt)}${of === undefined ? nothing : markup`, about ${pullLink(of)}`}</span><span><code>${branch}</code> into <code>${base}</code></span></p>
    <h1>${title} <span class="muted">#${number}</span></h1>
    ${view.inShort === '' ? nothing : markup`<p class="lead">${sentenced(view.inShort)}</p>`}
  </header>
  ${stages(view.stages)}
  ${view.chip.word === 'open' ? markup`<a class="button to-decide" href="#decide">${icon('merge')}Decide</a>` : nothing}
  <div class="columns">
    <div>
      <section aria-labelledby="why"><h2 id="why">Why</h2><div class="prose card">${view.body.length === 0 ? markup`<p class="muted">Nothing is said.</p>` : blocks(view.body, 'body')}</div></section>
      <section aria-labelledby="difference"><h2 id="difference">Difference</h2>${difference(view.diff)}</section>
      <section aria-labelledby="plan"><h2 id="plan">Plan</h2><div class="prose card plan">${view.plan.length === 0 ? markup`<p class="muted">gitmend is making the plan.</p>` : blocks(view.plan, 'plan')}</div></section>
      ${view.said.length === 0 ? nothing : markup`<section aria-labelledby="said"><h2 id="said">Since then</h2><ol class="said">${view.said.map(one)}</ol></section>`}
    </div>
    <aside class="decide" id="decide" aria-labelledby="decide-title">
      <h2 id="decide-title">${view.chip.word === 'open' ? 'Decide' : 'Decided'}</h2>
      ${panel(view)}
      ${run === undefined ? nothing : markup`<p><a class="button" href="/runs/${run}">${icon('arrow')}The run, step by step</a></p>`}
    </aside>
  </div>`;
}

function panel(view: PullRequestView): Html {
  const { number, shown, standing, statuses, rule, expiresAt } = view;
  const open = view.chip.word === 'open';
  const hidden = markup`<input type="hidden" name="head" value="${shown.head}"><input type="hidden" name="actions" value="${shown.actions}">`;
  return markup`<div class="card">
    ${
      !open
        ? nothing
        : markup`
    <form method="post" action="/pull/${number}/merge">${hidden}
      <button class="primary" type="submit"${disabled(standing.merge.may)} aria-describedby="merge-why">${icon('merge')}Merge</button>
      <p class="small" id="merge-why">${standing.merge.may ? 'Merging approves exactly the plan that is shown here; the runner applies it.' : sentenced(standing.merge.why)}</p>
    </form>
    <form method="post" action="/pull/${number}/approve">${hidden}
      <button type="submit"${disabled(standing.approve.may)} aria-describedby="approve-why">${icon('check')}Approve</button>
      <p class="small" id="approve-why">${standing.approve.may ? 'Says yes and leaves the merge to somebody else.' : sentenced(standing.approve.why)}</p>
    </form>`
    }
    <dl>
      ${rule === '' ? nothing : markup`<div><dt>Rule</dt><dd>${rule}</dd></div>`}
      ${open ? approvals(view) : markup`<div><dt>${view.chip.word === 'closed' ? 'Closed by' : 'Merged by'}</dt><dd>${view.endedBy}</dd></div>`}
      ${open || standing.counted.length === 0 ? nothing : markup`<div><dt>Approved by</dt><dd>${standing.counted.join(', ')}</dd></div>`}
      ${expiresAt === '' ? nothing : markup`<div><dt>Plan expires</dt><dd>${time(expiresAt)}</dd></div>`}
      ${statuses.map(({ context, state, description }) => markup`<div><dt>${context}</dt><dd class="status ${state}">${toneIcon(statusTones[state])}${state === 'success' && description !== '' ? markup`<span><span class="unseen">${state}: </span>${description}</span>` : `${state}${description === '' ? '' : `: ${description}`}`}</dd></div>`)}
      <div><dt>Head</dt><dd><code>${view.head.slice(0, 7)}</code></dd></div>
    </dl>
  </div>`;
}

function approvals({ standing: { counted, needs } }: PullRequestView): Html {
  return markup`<div><dt>Approvals</dt><dd>${counted.length} of ${needs}${counted.length === 0 ? '' : `: ${counted.join(', ')}`}; merging counts as one</dd></div>`;
}

const statusTones = { success: 'good', failure: 'bad', error: 'bad', pending: 'busy' } as const;

function disabled(may: boolean): Html {
  return may ? nothing : markup` disabled`;
}

function one({ key, author, at, kind, blocks: words }: Said): Html {
  return markup`<li class="card prose ${kind}" id="${key}"><p class="muted small"><strong>${author}</strong> ${time(at)}</p>${blocks(words, key)}</li>`;
}

function difference(diff: Diff | undefined): Html {
  if (diff === undefined) return markup`<p class="muted">The commits of this pull request are not here any more.</p>`;
  if (diff.files.length === 0) return markup`<p class="muted">No file differs.</p>`;
  return markup`${diff.files.map(fileOf)}${diff.left === 0 ? nothing : markup`<p class="muted">… and ${diff.left} more lines: git shows all of them.</p>`}`;
}

function fileOf({ path, note, hunks, added, removed }: DiffFile): Html {
  return markup`<figure class="file">
    <figcaption><code>${path}</code> <span class="muted">${note}</span> <span class="count"><span class="add">+${added}</span> <span class="del">−${removed}</span></span></figcaption>
    ${
      hunks.length === 0
        ? nothing
        : markup`<div class="scroll" tabindex="0" role="region" aria-label="Difference of ${path}"><table class="diff">${hunks.map(
            ({ heading, lines }) =>
              markup`<tbody><tr class="meta"><td colspan="4">${heading}</td></tr>${lines.map(
                ({ sign, text, before, after }) =>
                  markup`<tr class="${tones[sign]}"><td class="number">${before}</td><td class="number">${after}</td><td class="sign">${sign === ' ' ? '' : markup`${sign === '-' ? '−' : '+'}<span class="unseen">${sign === '-' ? ' removed' : ' added'}</span>`}</td><td class="text">${text}</td></tr>`,
              )}</tbody>`,
          )}</table></div>`
    }
  </figure>`;
}

const tones = { '+': 'add', '-': 'del', ' ': '' } as const;
