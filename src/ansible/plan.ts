import type { AnsiblePlan, HostPlan, Reached, TaskChange, Unpredicted } from '../core/ansible.ts';
import { digestOf } from '../core/json.ts';
import { plainAddress } from './addresses.ts';
import type { TaskFacts } from './context.ts';
import type { Result, RunEvents } from './events.ts';
import { builtinName } from './modules.ts';
import type { Secrets } from './secrets.ts';

export interface PlanSource {
  playbook: string;
  mode: 'check' | 'apply';
  /** The folder that `ansible/` was laid out in, as the paths of the events begin. */
  folder: string;
  tasks: ReadonlyMap<string, TaskFacts>;
  secrets: Secrets;
}

/** Lines of one difference that are shown, and letters of a line. */
const mostLines = 200;
const mostLetters = 400;

/** The events of a run → its plan, without secrets. */
export function planOf(run: RunEvents, source: PlanSource): AnsiblePlan {
  const { playbook, mode } = source;
  const hosts = new Map(run.plays.flatMap((play) => play.hosts.map((host) => [host.name, host] as const)));
  const names = [...new Set([...hosts.keys(), ...run.results.map(({ host }) => host)])].sort();
  return {
    playbook,
    mode,
    hosts: names.map((host) => {
      const failures = run.failures?.[host] ?? 0;
      const plan = hostPlan(
        host,
        run.results.filter((one) => one.host === host),
        failures,
        source,
      );
      const found = hosts.get(host);
      return found === undefined ? plan : { ...plan, reached: reachedAt(found) };
    }),
    withoutHosts: [...new Set(run.plays.filter((play) => play.hosts.length === 0).map(({ play }) => play))],
    core: run.core,
    stale: digestOf({
      core: run.core,
      collections: run.collections,
      hosts: names.map((name) => hosts.get(name) ?? name),
    }),
  };
}

/** SSH's own port is none. */
function reachedAt({ address, port }: RunEvents['plays'][number]['hosts'][number]): Reached {
  return { address: plainAddress(address), port: port === '22' ? '' : port };
}

/** The folder of a run is another one each time. */
function withoutFolder({ secrets, folder }: PlanSource): Secrets {
  return { ...secrets, text: (text) => secrets.text(text.replaceAll(`${folder}/`, '')) };
}

/** Modules that bring in what then is a task of its own, or only look. */
const quiet = new Set([
  'gather_facts',
  'setup',
  'include_tasks',
  'import_tasks',
  'include_role',
  'import_role',
  'meta',
]);

function hostPlan(host: string, results: readonly Result[], failures: number, source: PlanSource): HostPlan {
  const plan: HostPlan = { host, changes: [], unpredicted: [], unchanged: 0 };
  // Variables that hold what a task would have said that was not run.
  const unknown = new Map<string, string>();
  for (const result of results) {
    const secrets = withoutFolder(source);
    const facts = factsOf(result, source);
    const task = secrets.text(facts?.name ?? result.task);
    if (result.status === 'unreachable') plan.unreachable = oneLine(secrets.text(result.message));
    else if (result.status === 'failed') {
      const why = oneLine(secrets.text(result.message)) || saysNothing(result);
      const from = source.mode === 'check' ? unknownTo(facts, unknown) : undefined;
      if (!result.isItem && !result.ignored && failures > 0)
        plan.failed = { task, why: from === undefined ? why : `${from}: ${why}` };
    } else if (!result.loop && !quiet.has(builtinName(result.module) ?? '')) {
      const why = source.mode === 'check' ? unpredictable(result, facts, unknown) : undefined;
      if (why !== undefined) {
        for (const name of facts?.sets ?? []) unknown.set(name, task);
        if (!looking.has(builtinName(result.module) ?? ''))
          once(plan.unpredicted, { play: result.play, task, module: result.module, why: why + handlers(facts) });
      } else if (result.status === 'ok' && result.changed) plan.changes.push(changeOf(result, task, source));
      else if (result.status === 'ok') plan.unchanged += 1;
    }
  }
  return plan;
}

/** The task as it is written: a name of a template is not what a variable makes of it. */
function factsOf({ path }: Result, { folder, tasks }: PlanSource): TaskFacts | undefined {
  return path.startsWith(`${folder}/`) ? tasks.get(path.slice(folder.length + 1)) : undefined;
}

/** Modules that change nothing, so that nothing of theirs need be predicted. */
const looking = new Set(
  `assert debug fail find getent include_vars package_facts pause ping service_facts set_fact slurp stat wait_for`.split(
    ' ',
  ),
);

/** Why check mode cannot say what a task will do; `undefined` where it can. */
function unpredictable(
  { status, condition, message }: Result,
  facts: TaskFacts | undefined,
  unknown: ReadonlyMap<string, string>,
): string | undefined {
  const from = unknownTo(facts, unknown);
  if (from !== undefined) return from;
  if (/^Command would have run/.test(message)) return 'it runs a command, which check mode does not run';
  if (status !== 'skipped' || condition !== '') return undefined;
  return 'its module has no check mode, so it was left out';
}

/** Which task that was not run it goes by, as a sentence. */
function unknownTo(facts: TaskFacts | undefined, unknown: ReadonlyMap<string, string>): string | undefined {
  const from = [...(facts?.reads ?? [])].find((name) => unknown.has(name));
  return from === undefined
    ? undefined
    : `it goes by what ‘${unknown.get(from) ?? ''}’ would have said, which was not run`;
}

function handlers(facts: TaskFacts | undefined): string {
  const names = facts?.notifies ?? [];
  return names.length === 0 ? '' : `; it may notify ${names.join(', ')}`;
}

function once(list: Unpredicted[], one: Unpredicted): void {
  if (!list.some((other) => other.task === one.task && other.play === one.play && other.why === one.why))
    list.push(one);
}

function changeOf(result: Result, task: string, { secrets, folder }: PlanSource): TaskChange {
  const lines = result.diff.flatMap((one) => {
    if ('unshown' in one) return [`(not shown: it is ${one.unshown})`];
    const name = one.name.startsWith(folder) ? '' : one.name;
    const header = name || result.target;
    return one.lines.length === 0 ? [] : [...(header === '' ? [] : [`--- ${header}`]), ...one.lines];
  });
  const shown = secrets.lines(lines.map(printable));
  return {
    play: result.play,
    task,
    module: result.module,
    ...(result.item === null || result.item === '' ? {} : { item: oneLine(secrets.text(result.item)) }),
    handler: result.handler,
    diff: shown.slice(0, mostLines).map((line) => line.slice(0, mostLetters)),
    cut: Math.max(shown.length - mostLines, 0),
    digest: digestOf(shown),
    hidden: result.hidden,
  };
}

/** Without what moves a cursor or hides a letter. */
function printable(line: string): string {
  return line.replace(/[^\P{C}\t]/gu, '�');
}

function oneLine(text: string): string {
  return printable(text.replace(/\s*\n\s*/g, ' ').trim()).slice(0, 1000);
}

function saysNothing({ hidden }: Result): string {
  return hidden ? 'it does not say why (no_log)' : 'it does not say why';
}
