import { GitmendError } from '../core/errors.ts';

const markerLine = /^<!-- gitmend:([a-z0-9][a-z0-9:/._-]*) -->$/;

/**
 * The hidden HTML comment that names a text, so that it is found again: `plan` → `<!-- gitmend:plan -->`. A whole
 * marker is returned as it is. Throws INTERNAL for a name that could end the HTML comment.
 */
export function markerText(name: string): string {
  if (markerLine.test(name)) return name;
  const text = `<!-- gitmend:${name} -->`;
  if (!markerLine.test(text) || name.includes('--')) {
    throw new GitmendError('INTERNAL', `${JSON.stringify(name.slice(0, 80))} cannot be the name of a marker`);
  }
  return text;
}

/** The text with its marker as the first line. A text that has it there already is returned as it is. */
export function withMarker(body: string, name: string): string {
  const marker = markerText(name);
  return markerIn(body) === marker ? body : `${marker}\n${body}`;
}

/**
 * The marker that names a text: the first line that is a marker and nothing else. Whatever outside text follows, even a
 * marker, never renames it; a person who writes above it does not hide it.
 */
export function markerIn(body: string): string | undefined {
  return body.split(/\r?\n/).find((line) => markerLine.test(line));
}
