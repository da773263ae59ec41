import { conditionAt } from './arguments.ts';
import { type Place, object } from './context.ts';
import { reachOfLookup } from './lookups.ts';
import type { Entry, MapValue } from './source.ts';
import { at, hasTemplate, itemsOf, scalarsIn, textOf } from './values.ts';
import { objectionsToVariables } from './variables.ts';

const here = /^(?:localhost|127(?:\.[0-9]{1,3}){3}|::1|ip6-localhost)$/i;
const plainTrue = /^(?:true|yes|on)$/i;

/** Judges the keywords that a play, a block, a role and a task have alike. */
export function judgeKeywords(place: Place, holder: MapValue, name: string): void {
  for (const entry of holder.entries) {
    const rule = Object.hasOwn(rules, entry.key) ? rules[entry.key] : undefined;
    const said = rule?.(entry);
    if (said !== undefined) object(place, said.kind, { line: entry.line, name }, said.why, said.next);
    if (entry.key.startsWith('with_')) loopOf(place, entry, name);
    if (entry.key === 'vars') place.walk.objections.push(...objectionsToVariables(place.file, entry.value, 'play'));
  }
  for (const key of ['when', 'until', 'changed_when', 'failed_when']) conditionAt(place, holder, key, name);
}

type Said = { kind: 'runs-in-check' | 'runs-here' | 'hidden' | 'asks' | 'collection'; why: string; next: string };

/** What each keyword may not be. A sentence, or nothing. */
const rules: { readonly [keyword: string]: (entry: Entry) => Said | undefined } = {
  check_mode: ({ value }) =>
    plainTrue.test(textOf(value) ?? '')
      ? undefined
      : {
          kind: 'runs-in-check',
          why: `check_mode: ${textOf(value) ?? ''} runs it although nothing shall be changed`,
          next: 'Take check_mode out',
        },
  delegate_to: ({ value }) => {
    const text = textOf(value) ?? '';
    if (/^\{\{\s*inventory_hostname\s*\}\}$/.test(text)) return undefined;
    if (here.test(text))
      return { kind: 'runs-here', why: `it runs on gitmend's machine (delegate_to: ${text})`, next: onHost };
    return { kind: 'hidden', why: `it acts on another host (delegate_to: ${text}) than the plan names`, next: onHost };
  },
  local_action: () => ({ kind: 'runs-here', why: "it runs on gitmend's machine (local_action)", next: onHost }),
  connection: ({ value }) =>
    textOf(value) === 'ssh'
      ? undefined
      : {
          kind: 'runs-here',
          why: `connection: ${textOf(value) ?? ''} is not ssh: local would be gitmend's own machine`,
          next: 'Take connection out',
        },
  register: ({ value }) => ownName('register', textOf(value)),
  loop_control: ({ value }) =>
    ownName('loop_var', textOf(at(value, 'loop_var'))) ?? ownName('index_var', textOf(at(value, 'index_var'))),
  debugger: () => ({ kind: 'asks', why: 'debugger: waits for a person', next: 'Take it out' }),
  vars_prompt: () => ({ kind: 'asks', why: 'vars_prompt: waits for a person', next: 'Put the value into group_vars' }),
  strategy: ({ value }) =>
    /^(?:ansible\.builtin\.)?(?:linear|free|host_pinned)$/.test(textOf(value) ?? '')
      ? undefined
      : {
          kind: 'asks',
          why: `strategy: ${textOf(value) ?? ''} waits for a person, or is a program`,
          next: 'Take it out',
        },
  no_log: fixed('no_log', 'whether it hides what is secret'),
  become_user: fixed('become_user', 'as whom it runs, and it is a word of a shell'),
  become_exe: fixed('become_exe', 'the program that it runs by'),
  become_flags: fixed('become_flags', 'how it becomes another user'),
  become_method: fixed('become_method', 'how it becomes another user'),
  remote_user: fixed('remote_user', 'as whom it logs in'),
  port: fixed('port', 'where it logs in'),
  fact_path: fixed('fact_path', 'the programs that it asks for facts'),
  environment: ({ value }) =>
    itemsOf(value).some((one) => hasTemplate(textOf(one) ?? ''))
      ? { kind: 'hidden', why: 'environment: is a template, and could set anything', next: 'Name each variable' }
      : undefined,
  module_defaults: ({ value }) =>
    scalarsIn(value).length > 0 && itemsOf(value).some((one) => one.kind === 'scalar')
      ? { kind: 'hidden', why: 'module_defaults: is a template', next: 'Write them down' }
      : undefined,
  collections: ({ value }) =>
    itemsOf(value).every((one) => /^ansible\.(?:builtin|legacy)$/.test(textOf(one) ?? ''))
      ? undefined
      : {
          kind: 'collection',
          why: 'collections: leaves open whose module a task means',
          next: 'Write full names instead',
        },
};

const onHost = 'Let it run on the host itself, or take it out of the playbooks that gitmend runs';

/** A result or an item under a name of Ansible's own would decide how or where the next task runs. */
function ownName(keyword: string, name: string | undefined): Said | undefined {
  if (name === undefined || (!/^_?ansible_/.test(name) && !hasTemplate(name))) return undefined;
  const why = `${keyword}: ${name.slice(0, 80)} sets what decides how Ansible itself runs`;
  return { kind: 'hidden', why, next: 'Take another name' };
}

/** A keyword that may not be left to a variable. */
function fixed(keyword: string, what: string): (entry: Entry) => Said | undefined {
  return ({ value }) =>
    hasTemplate(textOf(value) ?? '')
      ? { kind: 'hidden', why: `${keyword}: is a template, and decides ${what}`, next: `Write ${keyword}: plainly` }
      : undefined;
}

/** `with_NAME:` is a lookup too. */
function loopOf(place: Place, { key, line, value }: Entry, name: string): void {
  const lookup = key.slice('with_'.length);
  const terms = itemsOf(value)
    .map(textOf)
    .map((text) => (text === undefined || hasTemplate(text) ? undefined : text));
  for (const why of new Set(reachOfLookup(lookup, terms, place.walk.allowed)))
    object(place, 'runs-in-check', { line, name }, why, 'Use loop: with the values');
}
