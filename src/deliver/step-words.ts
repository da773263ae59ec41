import { isLifeAction } from '../core/life-action.ts';
import { type PlaybookAction, type Step, touchesOf } from '../core/step.ts';
import { lifeDone } from '../texts/life.ts';
import { listed, printValues } from '../texts/words.ts';

/** What a step did to its target as a whole, with its name; `undefined` of one that changes values of a guest. */
export function wholeWords(step: Step): string | undefined {
  const { action, kind, name, after } = step;
  if (isLifeAction(action)) return `${name} ${lifeDone(action)}`;
  if (action.kind === 'run-playbook') return ranWords(name, action);
  if (touchesOf(step) !== undefined) return `${name}: ${printValues(after)}`;
  if (kind === 'destroy-guest') return `${name} destroyed`;
  if (action.kind === 'clone-guest') return `${name} cloned from template ${action.from} with ${printValues(after)}`;
  return kind === 'create-guest' ? `${name} created with ${printValues(after)}` : undefined;
}

/** `site on postgres and web1` */
function ranWords(name: string, { hosts }: PlaybookAction): string {
  return `${name} on ${listed(hosts.length > 8 ? [...hosts.slice(0, 7), `${hosts.length - 7} more hosts`] : hosts)}`;
}
