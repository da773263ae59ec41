import type { DeclaredGuest } from '../../core/declared-guest.ts';
import { printGuestTarget } from '../../core/target.ts';
import { guestsCalled } from '../../deliver/drift.ts';
import { escapeBold, escapeCode, escapeText } from '../../records/escape.ts';
import { sentence } from '../../records/sentence.ts';
import { families } from '../../heal/diagnose.ts';
import { doors } from '../../signals/index.ts';
import { type Healed, healSignals } from '../heal.ts';
import type { AskedHere } from './setting.ts';

/** `/diagnose target`: one signal of the door `request` for each family that has a diagnoser, and what came of them. */
export async function diagnose(here: AskedHere): Promise<string> {
  const { world, truth, asked, comment } = here;
  const called = asked.argument.replace(/^\//, '');
  const found = guestsCalled(truth.head.guests, called).map(([, guest]) => guest);
  const [guest] = found;
  if (guest === undefined || found.length > 1) return notOne(called, found);
  const { author: by, createdAt: at, id } = comment;
  const healed = await healSignals(world, truth, doors.request.signals(guest, families, { by, at, id }));
  const lines = healed.map((one) => `- ${wordsOf(one)}`);
  return `**Looked at** ${escapeBold(guest.name)} (${escapeText(printGuestTarget(guest), 80)}):\n\n${lines.join('\n')}`;
}

function notOne(called: string, found: readonly DeclaredGuest[]): string {
  const asked = called === '' ? 'no target is named' : `${escapeCode(called, 80)} is no guest that is declared here`;
  if (found.length === 0)
    return `**Not done**: ${asked}. Name one as in guests/: \`/diagnose postgres\`, or \`/diagnose lxc/200\`.`;
  const all = found.slice(0, 5).map((guest) => escapeCode(printGuestTarget(guest), 80));
  return `**Not done**: ${escapeCode(called, 80)} is more than one guest: ${all.join(', ')}. Name one of them.`;
}

function wordsOf(healed: Healed): string {
  const { diagnosis } = healed;
  const family = diagnosis.family === '' ? '' : `${escapeText(diagnosis.family, 40)}: `;
  if (healed.state === 'noted') return `${family}${escapeCode(diagnosis.outcome)}. ${sentence(diagnosis.summary)}`;
  if (healed.state === 'refused') {
    const next = healed.refusal.next === '' ? '' : ` ${sentence(healed.refusal.next)}`;
    return `${family}not proposed (${escapeText(healed.refusal.reason, 40)}). ${sentence(healed.refusal.message)}${next}`;
  }
  return `${family}${sentence(diagnosis.summary)} Proposed as #${healed.pullRequest.number}.`;
}
