import { type Place, object } from './context.ts';
import { insideTree } from './lookups.ts';
import { freeForm } from './modules.ts';
import type { Entry, MapValue, Value } from './source.ts';
import { at, entryOf, hasTemplate, itemsOf, textOf } from './values.ts';

/** Arguments that name a file of gitmend's machine, by the argument that says otherwise (`remote_src: true`). */
const localFiles: { readonly [module: string]: { argument: string; unless?: string } } = {
  assemble: { argument: 'src', unless: 'remote_src' },
  copy: { argument: 'src', unless: 'remote_src' },
  template: { argument: 'src' },
  unarchive: { argument: 'src', unless: 'remote_src' },
  uri: { argument: 'src', unless: 'remote_src' },
  script: { argument: 'cmd' },
};

const trueWords = /^(?:true|yes|on|1)$/i;

/**
 * The arguments of a task's module as a map: `copy: { … }`, `copy: src=a dest=b`, `args:` beside it. A text of its own
 * (`command: id`) is its `_raw_params`.
 */
export function argumentsOf(place: Place, module: string, own: Entry, task: MapValue, name: string): MapValue {
  const args: MapValue = { kind: 'map', line: own.line, entries: [] };
  const { value } = own;
  const text = textOf(value);
  if (value.kind === 'map') args.entries.push(...value.entries);
  else if (text !== undefined) args.entries.push(...fromText(text, own.line, freeForm.has(module)));
  const beside = entryOf(task, 'args');
  if (beside?.value.kind === 'map') args.entries.push(...beside.value.entries);
  const hidden =
    (text !== undefined && hasTemplate(text) && whole(text) && !freeForm.has(module)) || isText(beside?.value);
  if (hidden) {
    const why = 'its arguments stand in a variable, so nobody can say what it does';
    object(place, 'hidden', { line: own.line, name }, why, 'Write the arguments down');
  }
  return args;
}

function whole(text: string): boolean {
  return /^\s*\{\{[^]*\}\}\s*$/.test(text) && !/=/.test(text.replace(/\{\{[^]*?\}\}/g, ''));
}

function isText(value: Value | undefined): boolean {
  return value !== undefined && value.kind !== 'map' && textOf(value) !== undefined;
}

/** `src=a dest="b c"`, and what is none of it. Words inside of braces or quotes stay together. */
function fromText(text: string, line: number, free: boolean): Entry[] {
  const entries: Entry[] = [];
  const rest: string[] = [];
  for (const [word] of text.matchAll(/(?:\{\{[^]*?\}\}|"(?:[^"\\]|\\.)*"|'[^']*'|[^\s])+/g)) {
    const [, key, value = ''] = /^([A-Za-z_]\w*)=([^]*)$/.exec(word) ?? [];
    if (key === undefined) rest.push(word);
    else entries.push({ key, line, value: scalar(value.replace(/^(["'])([^]*)\1$/, '$2'), line) });
  }
  const raw = free ? text : rest.join(' ');
  return raw === '' ? entries : [...entries, { key: '_raw_params', line, value: scalar(raw, line) }];
}

function scalar(value: string, line: number): Value {
  return { kind: 'scalar', line, value, written: '' };
}

/** What of the arguments of a module could run, read or hide what no plan shows. */
export function judgeArguments(place: Place, module: string, args: MapValue, name: string): void {
  localFile(place, module, args, name);
  if (module === 'debug') conditionAt(place, args, 'var', name);
  if (module === 'assert') conditionAt(place, args, 'that', name);
  if (module === 'meta') metaAction(place, args, name);
}

function localFile(place: Place, module: string, args: MapValue, name: string): void {
  const known = Object.hasOwn(localFiles, module) ? localFiles[module] : undefined;
  if (known === undefined) return;
  const entry = entryOf(args, known.argument) ?? (module === 'script' ? entryOf(args, '_raw_params') : undefined);
  const remote = known.unless === undefined ? undefined : textOf(at(args, known.unless));
  if (entry === undefined || (remote !== undefined && trueWords.test(remote))) return;
  const text = textOf(entry.value) ?? '';
  const path = module === 'script' ? (text.split(/\s/)[0] ?? '') : text;
  if (insideTree(path)) return;
  const hidden = hasTemplate(text);
  const why = hidden
    ? `${module} reads a file of gitmend's machine whose name is only known while it runs`
    : `${module} reads ${path.slice(0, 100) || 'a file'}, which is outside of the repository`;
  const next = 'Name a file of the repository, or set remote_src: true where the file lies on the host';
  object(place, hidden ? 'hidden' : 'runs-here', { line: entry.line, name }, why, next);
}

/** A condition that is a template is read twice: what its variable holds is an expression, and could run anything. */
export function conditionAt(place: Place, holder: Value, key: string, name: string): void {
  for (const item of itemsOf(at(holder, key))) {
    const text = textOf(item);
    if (text === undefined || !hasTemplate(text)) continue;
    const why = `${key}: is a template, so what a variable holds would be run as an expression`;
    object(place, 'hidden', { line: item.line, name }, why, `Write ${key}: without braces`);
  }
}

function metaAction(place: Place, args: MapValue, name: string): void {
  const text = textOf(at(args, '_raw_params')) ?? '';
  if (!hasTemplate(text) && text !== 'refresh_inventory') return;
  object(place, 'hidden', { line: args.line, name }, 'meta does what no plan shows', 'Write one of its own words');
}
