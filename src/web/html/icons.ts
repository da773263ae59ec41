import { raw } from 'hono/html';
import type { Tone } from '../view/words.ts';
import type { Html } from './markup.ts';

const paths: { readonly [name: string]: string } = {
  check: '<path d="M3.5 8.5l3 3 6-7"/>',
  cross: '<path d="M4 4l8 8M12 4l-8 8"/>',
  alert: '<path d="M8 2.5l6 11H2z"/><path d="M8 6.5v3.2M8 11.6v.1"/>',
  clock: '<circle cx="8" cy="8" r="5.5"/><path d="M8 5v3.2l2 1.3"/>',
  dot: '<circle cx="8" cy="8" r="2.2"/>',
  merge:
    '<circle cx="4.5" cy="3.8" r="1.6"/><circle cx="4.5" cy="12.2" r="1.6"/><circle cx="11.5" cy="9" r="1.6"/><path d="M4.5 5.4v5.2M4.8 5.3c.6 2.6 2.4 3.6 5 3.7"/>',
  arrow: '<path d="M3 8h9M8.5 4.5L12 8l-3.5 3.5"/>',
};

/** A small drawing that repeats what the word beside it says; hidden from those who hear the page. */
export function icon(name: keyof typeof paths): Html {
  return raw(
    `<svg class="icon" viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${paths[name] ?? ''}</svg>`,
  );
}

const ofTone: { readonly [tone in Tone]: keyof typeof paths } = {
  good: 'check',
  bad: 'cross',
  attention: 'alert',
  busy: 'clock',
  quiet: 'dot',
};

export function toneIcon(tone: Tone): Html {
  return icon(ofTone[tone]);
}
