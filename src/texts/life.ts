import { tagWords } from '../core/guest.ts';
import type { LifeAction } from '../core/life-action.ts';

/** What a step of a guest's life does, as it is ordered: `start it`. */
export function lifeOrder(action: LifeAction): string {
  switch (action.kind) {
    case 'start-guest':
      return 'start it';
    case 'stop-guest':
      return `shut it down cleanly, within ${action.timeout} s`;
    case 'tag-guest':
      return `set tags ${tagWords(action.tags)}`;
    case 'protect-guest':
      return action.protection ? 'protect it' : 'take its protection away';
    case 'migrate-guest':
      return `migrate it to ${action.to}${howWords[action.how]}`;
    case 'move-disk':
      return `move its disk to ${action.to}, the old volume kept as unused`;
  }
}

/** The same once it is done, to follow the guest's name: `started`. */
export function lifeDone(action: LifeAction): string {
  switch (action.kind) {
    case 'start-guest':
      return 'started';
    case 'stop-guest':
      return 'shut down';
    case 'tag-guest':
      return `tagged ${tagWords(action.tags)}`;
    case 'protect-guest':
      return action.protection ? 'protected' : 'no longer protected';
    case 'migrate-guest':
      return `migrated to ${action.to}`;
    case 'move-disk':
      return `has its disk on ${action.to}; the old volume is kept as unused`;
  }
}

const howWords = {
  online: ', live',
  restart: ', shut down here and started there',
  offline: ', stopped as it is',
} as const;
