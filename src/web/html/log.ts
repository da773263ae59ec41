import type { LogRow } from '../view/log.ts';
import { markup, type Html } from './markup.ts';
import { logList } from './overview.ts';

export function logPage(rows: readonly LogRow[]): Html {
  return markup`<header class="page-head"><h1>Log</h1>
    <p class="muted">Every record on <code>gitmend/records</code>, the latest first. <code>gitmend log</code> reads the same, and <code>gitmend records verify</code> checks it offline.</p>
  </header>
  <div class="card">${logList(rows)}</div>`;
}
