import { clockOf, dayAndMinuteOf } from '../../texts/words.ts';
import { type Inline, plainInline } from '../view/inline.ts';
import type { Block } from '../view/markdown.ts';
import type { Stage } from '../view/stages.ts';
import type { Chip } from '../view/words.ts';
import { markup, type Html, nothing } from './markup.ts';
import { icon, toneIcon } from './icons.ts';

/** A word with its icon and its colour; what it means is in its title. */
export function chip({ tone, word, means }: Chip): Html {
  return markup`<span class="chip ${tone}"${means === '' ? nothing : markup` title="${means}"`}>${toneIcon(tone)}${word}</span>`;
}

/** A time in UTC; the script writes beside it how long ago that was. `clock`: to the second, of a day that is known. */
export function time(at: string, shown: 'minute' | 'clock' = 'minute'): Html {
  if (at === '') return nothing;
  return markup`<time datetime="${at}" title="${at}">${shown === 'clock' ? clockOf(at) : dayAndMinuteOf(at)}</time>`;
}

/** A time to the second and nothing beside it, for lists where the order says enough. */
export function moment(at: string): Html {
  return at === '' ? nothing : markup`<time class="exact" datetime="${at}" title="${at}">${clockOf(at)}</time>`;
}

export function pullLink(number: number | undefined): Html {
  return number === undefined ? nothing : markup`<a href="/pull/${number}">#${number}</a>`;
}

/** Text that names pull requests as `#42`, with those as links and nothing else. */
export function linked(text: string): Html {
  const parts = held(text).split(/(#[1-9]\d{0,8})(?![A-Za-z0-9_])/);
  return markup`${parts.map((part, at) => (at % 2 === 1 ? pullLink(Number(part.slice(1))) : part))}`;
}

/** A number and its unit stay on one line. */
export function held(text: string): string {
  return text.replace(/(\d) (?=(?:%|[KMGT]iB|ms|min|[shd])(?![A-Za-z0-9]))/g, '$1\u00a0');
}

export function inlines(parts: readonly Inline[]): Html {
  return markup`${parts.map(inlineOf)}`;
}

function inlineOf(part: Inline): Html | string {
  switch (part.kind) {
    case 'text':
      return held(part.text);
    case 'code':
      return markup`<code>${part.text}</code>`;
    case 'strong':
      return markup`<strong>${inlines(part.inline)}</strong>`;
    case 'em':
      return markup`<em>${inlines(part.inline)}</em>`;
    case 'pull':
      return pullLink(part.number);
    case 'break':
      return markup`<br />`;
  }
}

/** Markdown as blocks. Headings begin below the page's own. `key` keeps folds open while the page updates itself. */
export function blocks(all: readonly Block[], key: string): Html {
  return markup`${all.map((block, at) => blockOf(block, `${key}-${at}`))}`;
}

function blockOf(block: Block, key: string): Html {
  switch (block.kind) {
    case 'heading':
      return markup`<h3>${inlines(block.inline)}</h3>`;
    case 'paragraph':
      return markup`<p>${inlines(block.inline)}</p>`;
    case 'quote':
      return markup`<blockquote>${inlines(block.inline)}</blockquote>`;
    case 'list':
      return markup`<ul>${block.items.map((item) => markup`<li>${inlines(item)}</li>`)}</ul>`;
    case 'table':
      return table(block);
    case 'code':
      return block.language === 'diff'
        ? diffLines(block.lines)
        : markup`<pre tabindex="0"><code>${block.lines.join('\n')}</code></pre>`;
    case 'details':
      return markup`<details id="${key}"><summary>${inlines(block.summary)}</summary><div class="fold">${blocks(block.blocks, key)}</div></details>`;
  }
}

function table({ head, rows }: Block & { kind: 'table' }): Html {
  const names = head.map(plainInline);
  // On a phone each row is a block of its own, in which every value says which column it is of. The roles keep it a table
  // for those who hear it, however it is laid out.
  return markup`<div class="scroll" tabindex="0"><table class="stacks" role="table">
    <thead role="rowgroup"><tr role="row">${head.map((cell) => (cell.length === 0 ? markup`<td role="cell"></td>` : markup`<th role="columnheader" scope="col">${inlines(cell)}</th>`))}</tr></thead>
    <tbody role="rowgroup">${rows.map((row) => markup`<tr role="row">${row.map((cell, at) => markup`<td role="cell" data-of="${names[at] ?? ''}"><span>${inlines(cell)}</span></td>`)}</tr>`)}</tbody>
  </table></div>`;
}

/** A fenced difference: signs stay in the text, colours only repeat them. */
function diffLines(lines: readonly string[]): Html {
  const tone = (line: string) =>
    /^(\+\+\+|---)/.test(line) ? 'meta' : line.startsWith('+') ? 'add' : line.startsWith('-') ? 'del' : '';
  return markup`<pre class="diff" tabindex="0"><code>${lines.map(
    (line) => markup`<span class="line ${tone(line)}">${line}
</span>`,
  )}</code></pre>`;
}

/** The way of a change, from proposal to record. */
export function stages(all: readonly Stage[]): Html {
  if (all.length === 0) return nothing;
  return markup`<ol class="stages" aria-label="Stages">${all.map(
    ({
      name,
      state,
      note,
      at,
    }) => markup`<li class="${state}"${state === 'now' ? markup` aria-current="step"` : nothing}>
      <span class="knob">${state === 'done' ? icon('check') : state === 'stopped' ? icon('cross') : state === 'now' ? icon('clock') : icon('dot')}</span>
      <span class="stage-name">${name}<span class="unseen">: ${stateWords[state]}</span></span>
      <span class="stage-note">${note}${note !== '' && at !== undefined ? markup`<br />` : nothing}${at === undefined ? nothing : time(at)}</span>
    </li>`,
  )}</ol>`;
}

const stateWords = { done: 'done', now: 'under way', ahead: 'not yet', stopped: 'stopped' } as const;
