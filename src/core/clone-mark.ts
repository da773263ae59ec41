import { digestOf } from './json.ts';
import type { Step } from './step.ts';

/**
 * What the notes of a clone say from its first moment on: that this very step made it. A vmid and a name alone could be
 * those of a guest that was there before. `gitmend: clone of template 900 (0123456789abcdef)`
 */
export function cloneMark({ target, action, after }: Pick<Step, 'target' | 'action' | 'after'>): string {
  const from = action.kind === 'clone-guest' ? action.from : 0;
  const which = digestOf({ target, action, after }).replace('sha256:', '').slice(0, 16);
  return `gitmend: clone of template ${from} (${which})`;
}
