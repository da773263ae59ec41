import { type Allowed, type Place, object, type Walk } from './context.ts';
import type { Tree } from '../core/change-set.ts';
import { playKeywords } from './keywords.ts';
import { fileIn, folderOf } from './paths.ts';
import { judgeRole, judgeRoles } from './roles.ts';
import { type MapValue, readSource, unreadable } from './source.ts';
import { judgeKeywords } from './task-keywords.ts';
import { judgeTaskFile, judgeTasks } from './tasks.ts';
import { variablesAt } from './follow.ts';
import { at, entryOf, hasTemplate, itemsOf, scalarsIn, textOf } from './values.ts';
import { reachOfText } from './lookups.ts';

/** Reads a playbook and everything that it brings in, without running any of it. */
export function walkPlaybook(tree: Tree, playbook: string, allowed: Allowed): Walk {
  const walk: Walk = {
    tree,
    allowed,
    objections: [],
    tasks: new Map(),
    seen: new Set(),
    variables: new Set(),
    files: [],
    roles: [],
  };
  judgePlaybook({ walk, file: playbook, playbookFolder: folderOf(playbook) });
  while (walk.files.length + walk.roles.length > 0) {
    for (const { place, file } of walk.files.splice(0)) judgeTaskFile(place, file);
    for (const { place, name, called } of walk.roles.splice(0)) judgeRole(place, name, called);
  }
  return walk;
}

function judgePlaybook(place: Place): void {
  const { walk, file } = place;
  if (walk.seen.has(file)) return;
  walk.seen.add(file);
  const text = walk.tree.get(file);
  const { value, objections } = text === undefined ? { objections: [] } : readSource(file, text);
  walk.objections.push(...objections);
  if (objections.length > 0) return;
  if (value?.kind !== 'list')
    walk.objections.push(unreadable(file, 0, 'is no playbook', 'A playbook is a list of plays'));
  else
    for (const play of value.items) {
      if (play.kind === 'map') judgePlay(place, play);
      else walk.objections.push(unreadable(file, play.line, 'has a play that is no map'));
    }
}

function judgePlay(place: Place, play: MapValue): void {
  const { walk, file } = place;
  const name = textOf(at(play, 'name')) ?? textOf(at(play, 'hosts')) ?? 'a play';
  for (const { key, line } of play.entries)
    if (!playKeywords.has(key) && key !== 'ansible.builtin.import_playbook')
      walk.objections.push(unreadable(file, line, `has ${key}: at a play`));
  judgeKeywords(place, play, name);
  judgeOwn(place, play, name);
  const imported = entryOf(play, 'import_playbook') ?? entryOf(play, 'ansible.builtin.import_playbook');
  if (imported !== undefined) {
    importPlaybook(place, textOf(imported.value) ?? '', { line: imported.line, name });
    return;
  }
  judgeHosts(place, play, name);
  for (const item of itemsOf(at(play, 'vars_files'))) {
    const path = textOf(item);
    const called = { line: item.line, name };
    if (path === undefined || hasTemplate(path)) hiddenFile(place, called);
    else variablesAt(place, path, called);
  }
  for (const part of ['pre_tasks', 'tasks', 'post_tasks', 'handlers']) {
    const tasks = at(play, part);
    if (tasks !== undefined) judgeTasks(place, tasks);
  }
  judgeRoles(place, at(play, 'roles'));
}

function judgeHosts(place: Place, play: MapValue, name: string): void {
  const hosts = entryOf(play, 'hosts');
  if (hosts === undefined) {
    place.walk.objections.push(unreadable(place.file, play.line, 'has a play without hosts:'));
    return;
  }
  for (const item of itemsOf(hosts.value)) {
    const text = textOf(item) ?? '';
    const where = { line: item.line, name };
    if (hasTemplate(text))
      object(place, 'hidden', where, 'which hosts it reaches is only known while it runs', 'Write hosts: plainly');
    if (/(?:^|[,:&!])\s*(?:localhost|127\.0\.0\.1|::1)\s*(?:$|[,:])/.test(text))
      object(
        place,
        'runs-here',
        where,
        `it runs on gitmend's machine (hosts: ${text})`,
        'Name a host of the inventory',
      );
  }
}

/** Lookups in what a play says beside its tasks. */
function judgeOwn(place: Place, play: MapValue, name: string): void {
  const tasks = new Set(['pre_tasks', 'tasks', 'post_tasks', 'handlers']);
  for (const { key, value } of play.entries) {
    if (tasks.has(key)) continue;
    for (const scalar of scalarsIn(value))
      for (const why of reachOfText(String(scalar.value), place.walk.allowed))
        object(place, 'runs-in-check', { line: scalar.line, name }, why, 'Write the value itself');
  }
}

function importPlaybook(place: Place, path: string, called: { line: number; name: string }): void {
  if (hasTemplate(path)) {
    hiddenFile(place, called);
    return;
  }
  const found = fileIn(place.walk.tree, [folderOf(place.file)], path);
  if (found !== undefined) {
    judgePlaybook({ ...place, file: found, playbookFolder: folderOf(found) });
    return;
  }
  const why = `${path.slice(0, 200)} is not in this repository`;
  object(place, 'unreadable', called, why, 'Add it below ansible/, or take it out');
}

function hiddenFile(place: Place, called: { line: number; name: string }): void {
  object(place, 'hidden', called, 'which file it loads is only known while it runs', 'Name each file');
}
