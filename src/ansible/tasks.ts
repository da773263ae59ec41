import { argumentsOf, judgeArguments } from './arguments.ts';
import { type Place, object } from './context.ts';
import { tokensOf, partsOf } from './jinja.ts';
import { blockKeywords, taskKeywords } from './keywords.ts';
import { reachOf, reachOfText } from './lookups.ts';
import { builtinName, fullName, moduleObjection } from './modules.ts';
import { followed } from './follow.ts';
import { type Entry, type MapValue, readSource, unreadable, type Value } from './source.ts';
import { judgeKeywords } from './task-keywords.ts';
import { at, entryOf, hasTemplate, isNothing, itemsOf, textOf } from './values.ts';
import { objectionsToVariables } from './variables.ts';

/** Reads a file of tasks, once. */
export function judgeTaskFile(place: Place, file: string): void {
  const { walk } = place;
  if (walk.seen.has(file)) return;
  walk.seen.add(file);
  const { value, objections } = readSource(file, walk.tree.get(file) ?? '');
  walk.objections.push(...objections);
  if (value !== undefined && !isNothing(value)) judgeTasks({ ...place, file }, value);
}

/** Judges a list of tasks and blocks, and whatever they include. */
export function judgeTasks(place: Place, value: Value): void {
  if (value.kind !== 'list') {
    if (!isNothing(value)) place.walk.objections.push(unreadable(place.file, value.line, 'has tasks that are no list'));
    return;
  }
  for (const item of value.items) {
    if (item.kind !== 'map') place.walk.objections.push(unreadable(place.file, item.line, 'has a task that is no map'));
    else if (entryOf(item, 'block') !== undefined) judgeBlock(place, item);
    else judgeTask(place, item);
  }
}

function judgeBlock(place: Place, block: MapValue): void {
  const name = textOf(at(block, 'name')) ?? 'block';
  for (const { key, line } of block.entries)
    if (!blockKeywords.has(key)) place.walk.objections.push(unreadable(place.file, line, `has ${key}: at a block`));
  judgeKeywords(place, block, name);
  scan(place, block, name, new Set(['block', 'rescue', 'always']));
  const own = namesIn({ ...block, entries: block.entries.filter(({ key }) => key === 'when' || key === 'vars') });
  const inside: Place = { ...place, around: union([own, new Set(place.around)]) };
  for (const part of ['block', 'rescue', 'always']) judgeTasks(inside, at(block, part) ?? nothing);
}

const nothing: Value = { kind: 'scalar', line: 0, value: null, written: 'null' };

function judgeTask(place: Place, task: MapValue): void {
  const called = moduleOf(place, task);
  const name = textOf(at(task, 'name')) ?? called?.module ?? 'a task';
  judgeKeywords(place, task, name);
  scan(place, task, name, new Set());
  if (called === undefined) return;
  const { module, own } = called;
  const against = moduleObjection(module, place.walk.allowed.collections);
  if (against !== undefined) object(place, against.kind, { line: own.line, name }, against.why, against.next);
  const plain = builtinName(module) ?? module;
  const args = argumentsOf(place, plain, own, task, name);
  judgeArguments(place, plain, args, name);
  if (plain === 'set_fact') place.walk.objections.push(...objectionsToVariables(place.file, args, 'play'));
  note(place, task, { name, module, args });
  followed[plain]?.(place, args, { line: own.line, name });
}

/** The one key that is no keyword; or what `action:` names. */
function moduleOf(place: Place, task: MapValue): { module: string; own: Entry } | undefined {
  const others = task.entries.filter(({ key }) => !taskKeywords.has(key) && !key.startsWith('with_'));
  const action = entryOf(task, 'action');
  const [own, more] = action === undefined ? others : [action, ...others];
  const name = action === undefined ? own?.key : (textOf(action.value) ?? textOf(at(action.value, 'module')) ?? '');
  const module = action === undefined ? name : name?.split(/\s/)[0];
  if (own === undefined && entryOf(task, 'local_action') !== undefined) return undefined;
  if (own === undefined || more !== undefined || module === undefined) {
    const keys = others.map(({ key }) => key).join(', ');
    place.walk.objections.push(
      unreadable(place.file, task.line, `has a task of which nobody can say what it runs (${keys || 'no module'})`),
    );
    return undefined;
  }
  if (!hasTemplate(module)) return { module, own: action === undefined ? own : withoutModule(own, module) };
  const line = { line: own.line, name: textOf(at(task, 'name')) ?? '' };
  object(place, 'hidden', line, 'which module it runs stands in a variable', 'Write the module down');
  return undefined;
}

/** `action: copy src=a` as `copy: src=a`. */
function withoutModule(own: Entry, module: string): Entry {
  const text = textOf(own.value);
  const value: Value =
    text === undefined || own.value.kind !== 'scalar'
      ? own.value
      : { ...own.value, value: text.slice(module.length).trim() };
  return { ...own, key: module, value };
}

const conditions = new Set(['when', 'until', 'changed_when', 'failed_when', 'that', 'var']);

/** Lookups and the like anywhere in what a task or a block says. */
function scan(place: Place, holder: MapValue, name: string, without: ReadonlySet<string>): void {
  const { allowed } = place.walk;
  const look = (key: string, value: Value): void => {
    if (value.kind === 'map') for (const entry of value.entries) look(entry.key, entry.value);
    else if (value.kind === 'list') for (const item of value.items) look(key, item);
    else {
      const text = typeof value.value === 'string' ? value.value : '';
      const runs = conditions.has(key) && !hasTemplate(text) ? reachOf(text, allowed) : reachOfText(text, allowed);
      const next = 'Take it out: check mode does not keep templates from running it';
      for (const why of runs) object(place, 'runs-in-check', { line: value.line, name }, why, next);
    }
  };
  for (const { key, value } of holder.entries) if (!without.has(key)) look(key, value);
}

function note(
  place: Place,
  task: MapValue,
  { name, module, args }: { name: string; module: string; args: MapValue },
): void {
  const registers = textOf(at(task, 'register'));
  const facts = builtinName(module) === 'set_fact' ? args.entries.map(({ key }) => key) : [];
  place.walk.tasks.set(`${place.file}:${task.line}`, {
    file: place.file,
    line: task.line,
    name,
    module: fullName(module),
    sets: [...(registers === undefined ? [] : [registers]), ...facts],
    notifies: itemsOf(at(task, 'notify')).flatMap((one) => textOf(one) ?? []),
    reads: union([namesIn(task), new Set(place.around)]),
  });
}

/** Every name that a template or a condition of it reads. */
function namesIn(value: Value, key = ''): Set<string> {
  if (value.kind === 'map') return union(value.entries.map((entry) => namesIn(entry.value, entry.key)));
  if (value.kind === 'list') return union(value.items.map((item) => namesIn(item, key)));
  const text = typeof value.value === 'string' ? value.value : '';
  const expressions = conditions.has(key) ? [text] : partsOf(text).inside.map((part) => part.text);
  const names = expressions.flatMap(tokensOf).filter(({ kind }) => kind === 'name');
  return new Set(names.map((token) => token.text));
}

function union(sets: readonly Set<string>[]): Set<string> {
  return new Set(sets.flatMap((set) => [...set]));
}
