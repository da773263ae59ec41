import { isCollection, parseDocument } from 'yaml';
import { GitmendError, isGitmendError } from '../core/errors.ts';
import { type Json, sameValue } from '../core/json.ts';
import { editYaml } from '../editors/yaml.ts';
import { removeYaml } from '../editors/yaml-remove.ts';
import type { FieldEdit } from './compare.ts';

/**
 * The text with these edits, each as small as it can be; those that cannot be made in this text (an anchor, a list over
 * several lines) are `left`, for a person.
 */
export function withEdits(text: string, edits: readonly FieldEdit[]): { text: string; left: FieldEdit[] } {
  const left: FieldEdit[] = [];
  const edited = edits.reduce((now, edit) => {
    try {
      return withEdit(now, edit);
    } catch (error) {
      if (!isGitmendError(error, 'CONFIG_INVALID')) throw error;
      left.push(edit);
      return now;
    }
  }, text);
  return { text: edited, left };
}

function withEdit(text: string, { path, to }: FieldEdit): string {
  if (to === undefined) return removeYaml(text, path.map(String));
  if (!isList(to)) return editYaml(text, [{ path, value: to }]);
  // A list over several lines gets a line for each that it lacks; one that is not there, or in brackets, is set whole.
  const node = parseDocument(text, { logLevel: 'error' }).getIn(path, true);
  if (!isCollection(node) || node.flow === true) return editYaml(text, [{ path, value: to }]);
  const had = node.items.length;
  if (!sameValue(node.toJSON() as Json, to.slice(0, had)))
    throw new GitmendError('CONFIG_INVALID', `${path.join('.')} has a line for each word, and only gets more`);
  return editYaml(
    text,
    to.slice(had).map((value, index) => ({ path: [...path, had + index], value })),
  );
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
