import { type Place, object } from './context.ts';
import { fileIn, folderOf } from './paths.ts';
import type { MapValue } from './source.ts';
import { judgeKeywords } from './task-keywords.ts';
import { at, hasTemplate, scalarsIn, textOf } from './values.ts';

/** The task that includes. */
export interface Called {
  line: number;
  name: string;
}

/** What a module brings in: files of tasks, roles, files of variables. */
export const followed: { readonly [module: string]: (place: Place, args: MapValue, called: Called) => void } = {
  include_tasks: tasksFrom,
  import_tasks: tasksFrom,
  include_role: roleFrom,
  import_role: roleFrom,
  include_vars: variablesFrom,
};

function tasksFrom(place: Place, args: MapValue, called: Called): void {
  const path = named(place, args, 'file', called);
  if (path === undefined) return;
  const { playbookFolder, role, file, walk } = place;
  const roleFolders = role === undefined ? [] : [`${role}/tasks`];
  const folders = [folderOf(file), ...roleFolders, playbookFolder, `${playbookFolder}/tasks`];
  const found = fileIn(walk.tree, folders, path);
  if (found === undefined) missing(place, called, path);
  else walk.files.push({ place, file: found });
}

function roleFrom(place: Place, args: MapValue, called: Called): void {
  const role = named(place, args, 'name', called) ?? textOf(at(args, 'role'));
  const froms = ['tasks_from', 'vars_from', 'defaults_from', 'handlers_from'].map((key) => textOf(at(args, key)) ?? '');
  if (froms.some(hasTemplate)) hidden(place, called);
  if (role !== undefined) place.walk.roles.push({ place, name: role, called });
}

function variablesFrom(place: Place, args: MapValue, called: Called): void {
  if (at(args, 'dir') !== undefined) {
    hidden(place, called);
    return;
  }
  const path = named(place, args, 'file', called);
  if (path !== undefined) variablesAt(place, path, called);
}

/** Notes a file of variables that a play or a task loads. */
export function variablesAt(place: Place, path: string, called: Called): void {
  const { playbookFolder, role, file, walk } = place;
  const roleFolders = role === undefined ? [] : [`${role}/vars`, role];
  const folders = [...roleFolders, `${folderOf(file)}/vars`, folderOf(file), `${playbookFolder}/vars`, playbookFolder];
  const found = fileIn(walk.tree, folders, path);
  if (found === undefined) missing(place, called, path);
  else walk.variables.add(found);
}

/** The path or the name that a module is given. `undefined` where only a variable says it, which is refused. */
function named(place: Place, args: MapValue, key: string, called: Called): string | undefined {
  const text = textOf(at(args, key)) ?? textOf(at(args, '_raw_params'));
  const apply = at(args, 'apply');
  if (apply?.kind === 'map') judgeKeywords(place, apply, called.name);
  if (text !== undefined && !hasTemplate(text) && scalarsIn(args).length > 0) return text;
  if (text !== undefined || key === 'file') hidden(place, called);
  return undefined;
}

function hidden(place: Place, called: Called): void {
  const why = 'what it includes is only known while it runs';
  object(place, 'hidden', called, why, 'Name each file or role, with when: where not all of them shall run');
}

function missing(place: Place, called: Called, path: string): void {
  const why = `${path.slice(0, 200)} is not in this repository`;
  object(place, 'unreadable', called, why, 'Add it below ansible/, or take it out');
}
