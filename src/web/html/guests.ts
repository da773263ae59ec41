import type { FieldView, GuestsView, GuestView } from '../view/guests.ts';
import { markup, type Html, nothing } from './markup.ts';
import { icon } from './icons.ts';
import { time } from './parts.ts';

export function guestsPage({ guests, at }: GuestsView): Html {
  return markup`<header class="page-head"><h1>Guests</h1>
    <p class="muted">What the default branch declares, what was applied last by an approved pull request, and what Proxmox VE has in force. Live values read ${time(at, 'clock')}</p>
  </header>
  ${guests.length === 0 ? markup`<p class="muted empty">No guest is declared, or gitmend has not looked yet.</p>` : markup`<ul class="cards guests">${guests.map(guest)}</ul>`}`;
}

function guest({ target, name, where, status, lock, tags, carries, file, fields, settled, problem }: GuestView): Html {
  return markup`<li class="card ${settled ? '' : 'attention'}" id="guest-${target.replaceAll('/', '-')}">
    <div class="card-head"><h2>${name} <span class="muted">${where}</span></h2>
      <span class="chip ${settled ? 'good' : 'attention'}">${icon(settled ? 'check' : 'alert')}${settled ? 'as declared' : problem === '' ? 'differs' : 'not read'}</span></div>
    <p class="muted small">${status}${lock === '' ? '' : `, locked: ${lock}`} · <code>${file}</code>${tags.length === 0 ? '' : ` · ${tags.join(', ')}`}${carries.length === 0 ? '' : ` · carries ${carries.join(', ')}`}</p>
    ${problem === '' ? nothing : markup`<p class="notice bad">${problem}</p>`}
    <div class="scroll" tabindex="0" role="region" aria-label="Sizes of ${name}"><table class="sizes">
      <thead><tr><th scope="col">field</th><th scope="col">declared</th><th scope="col">applied</th><th scope="col">live</th><td></td></tr></thead>
      <tbody>${fields.map(row)}</tbody>
    </table></div>
  </li>`;
}

function row({ field, unit, declared, applied, live, differs }: FieldView): Html {
  const value = (text: string) =>
    markup`<td class="value">${text}${unit === '' || text === '–' ? '' : markup` <span class="unit">${unit}</span>`}</td>`;
  return markup`<tr class="${differs === '' ? '' : 'differs'}"><th scope="row">${field}</th>${value(declared)}${value(applied)}${value(live)}<td class="why">${differs === '' ? nothing : markup`${icon('alert')}${differs}`}</td></tr>`;
}
