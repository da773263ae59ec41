import { type Place, object } from './context.ts';
import { moduleObjection } from './modules.ts';
import { filesBelow } from './paths.ts';
import { roleKeywords } from './keywords.ts';
import { readSource, unreadable, type Value } from './source.ts';
import { judgeKeywords } from './task-keywords.ts';
import { at, hasTemplate, itemsOf, textOf } from './values.ts';
import { objectionsToVariables } from './variables.ts';

/** Judges `roles:` of a play or `dependencies:` of a role: names, or maps with keywords and variables. */
export function judgeRoles(place: Place, value: Value | undefined): void {
  for (const item of itemsOf(value)) {
    const name = textOf(item) ?? textOf(at(item, 'role')) ?? textOf(at(item, 'name'));
    if (name === undefined) {
      place.walk.objections.push(unreadable(place.file, item.line, 'names a role that is no text'));
      continue;
    }
    if (item.kind === 'map') {
      judgeKeywords(place, item, name);
      const own = item.entries.filter(({ key }) => !roleKeywords.has(key));
      place.walk.objections.push(...objectionsToVariables(place.file, { ...item, entries: own }, 'play'));
    }
    place.walk.roles.push({ place, name, called: { line: item.line, name } });
  }
}

/**
 * Judges every file of tasks and handlers of a role, whichever of them is run, and notes its variables. A role of a
 * collection is trusted with the collection.
 */
export function judgeRole(place: Place, name: string, called: { line: number; name: string }): void {
  const { walk, playbookFolder, role: from } = place;
  if (hasTemplate(name)) {
    object(place, 'hidden', called, 'which role it is is only known while it runs', 'Write the name of the role');
    return;
  }
  const beside = from === undefined ? [] : [from.slice(0, from.lastIndexOf('/'))];
  const folders = [`${playbookFolder}/roles`, ...beside, 'ansible/roles'].map((folder) => `${folder}/${name}`);
  const role = /^[A-Za-z0-9_][A-Za-z0-9_-]*$/.test(name)
    ? folders.find((folder) => filesBelow(walk.tree, folder).length > 0)
    : undefined;
  if (role === undefined) {
    outside(place, name, called);
    return;
  }
  if (walk.seen.has(role)) return;
  walk.seen.add(role);
  const inside: Place = { ...place, role };
  for (const path of filesBelow(walk.tree, role)) {
    const [part = ''] = path.slice(role.length + 1).split('/');
    if (part === 'vars' || part === 'defaults') walk.variables.add(path);
    if ((part === 'tasks' || part === 'handlers') && /\.(?:ya?ml|json)$/.test(path))
      walk.files.push({ place: inside, file: path });
    if (/^meta\/main(?:\.ya?ml|\.json)?$/.test(path.slice(role.length + 1))) judgeMeta(inside, path);
  }
}

function judgeMeta(place: Place, file: string): void {
  const { value, objections } = readSource(file, place.walk.tree.get(file) ?? '');
  place.walk.objections.push(...objections);
  judgeRoles({ ...place, file }, at(value, 'dependencies'));
}

function outside(place: Place, name: string, called: { line: number; name: string }): void {
  const ofCollection = /^\w+(?:\.\w+){2,}$/.test(name);
  const against = ofCollection ? moduleObjection(name, place.walk.allowed.collections) : undefined;
  if (against !== undefined) object(place, against.kind, called, against.why, against.next);
  if (ofCollection) return;
  const next = 'Add it below ansible/roles/: gitmend runs no role that it cannot read';
  object(place, 'unreadable', called, `the role ${name.slice(0, 100)} is not in this repository`, next);
}
