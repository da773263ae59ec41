import type { Json } from '../core/json.ts';
import { isLifeAction } from '../core/life-action.ts';
import { type CloneAction, isFinal, type Step, touchesOf } from '../core/step.ts';
import { lifeOrder } from '../texts/life.ts';
import { playbookWords } from '../ansible/playbook-step.ts';
import { upidBegan } from '../texts/upid.ts';
import { counted, dayAndMinuteOf, listed, printChange, printValues } from '../texts/words.ts';
import { escapeCode, escapeText } from './escape.ts';

/** What cannot wait for the table: `reboots frigate; ` … '' where nothing does. Names, in words, never folded. */
export function dangers(steps: readonly Step[]): string[] {
  const itself = ({ name, kind }: Step) => [kind === 'run-playbook' ? `hosts of ${name}` : name];
  const named = (verb: string, some: readonly Step[], of: (step: Step) => readonly string[] = itself) =>
    some.length === 0 ? [] : [`${verb} ${namesOf(some, of)}`];
  const destroying = steps.filter(({ destroys }) => destroys);
  const lost = destroying.length > 0 && destroying.every(isFinal) ? ' (cannot be undone)' : '';
  return [
    ...named('destroys', destroying, (step) => touchesOf(step)?.destroys ?? itself(step)).map((one) => `${one}${lost}`),
    ...named(
      'reboots',
      steps.filter(({ reboots }) => reboots),
      (step) => touchesOf(step)?.restarts ?? itself(step),
    ),
    ...named(
      'stops',
      steps.filter(({ kind }) => kind === 'stop-guest'),
    ),
    ...named(
      'cannot be undone on',
      steps.filter((step) => isFinal(step) && !(lost !== '' && step.destroys)),
    ),
    ...named(
      'creates',
      steps.filter(({ kind }) => kind === 'create-guest'),
    ),
    ...unpredicted(steps),
  ];
}

/** `runs 2 tasks that nobody can predict` */
function unpredicted(steps: readonly Step[]): string[] {
  const some = steps.filter(({ kind }) => kind === 'run-playbook').map(({ after }) => after['unpredicted']);
  const sum = some.reduce<number>((all, one) => all + (typeof one === 'number' ? one : 0), 0);
  return sum === 0 ? [] : [`runs ${counted(sum, 'task')} that nobody can predict`];
}

/** Each once. Of very many the first are named here, and all stand first in the table. */
function namesOf(steps: readonly Step[], of: (step: Step) => readonly string[]): string {
  const names = [...new Set(steps.flatMap(of))];
  const shown = names.slice(0, mostNames).map((name) => escapeText(name, 64));
  return listed(names.length > mostNames ? [...shown, `${names.length - mostNames} more`] : shown);
}

const mostNames = 12;

/** `2 changes, reboots frigate` … `1 change, nothing destroyed, no reboot` */
export function headline(steps: readonly Step[]): string {
  const calm = [
    // What a playbook does to what it changes is the playbook's to say.
    ...(steps.some(({ destroys, kind }) => destroys || kind === 'run-playbook') ? [] : ['nothing destroyed']),
    ...(steps.some(({ reboots, kind }) => reboots || kind === 'run-playbook') ? [] : ['no reboot']),
  ];
  const changes =
    new Set(steps.map(({ target }) => target)).size === steps.length
      ? counted(steps.length, 'change')
      : counted(steps.length, 'step');
  return [...dangers(steps), changes, ...calm].join(', ');
}

/**
 * One row per step, at most so many. What destroys comes first, then what reboots or cannot be undone; the number is the
 * order of the run.
 */
export function stepTable(steps: readonly Step[], most = Infinity): string {
  const rows = steps.map((step, at) => ({ step, at: at + 1 }));
  const sorted = rows.toSorted((a, b) => danger(b.step) - danger(a.step));
  const left = sorted.length - most;
  return [
    '| | target | change | how | undo |',
    '|---|---|---|---|---|',
    ...sorted.slice(0, most).map(({ step, at }) => row(step, at)),
    ...(left > 0 ? [`| | and ${left} more | | | |`] : []),
  ].join('\n');
}

function danger(step: Step): number {
  if (step.destroys) return 3;
  if (step.reboots || step.kind === 'stop-guest') return 2;
  return isFinal(step) ? 1 : 0;
}

function row(step: Step, at: number): string {
  const target = `${escapeText(step.name, 64)} (${escapeText(step.where.split(' on ')[0] ?? '', 40)})`;
  const words =
    step.destroys && touchesOf(step) === undefined && step.action.kind !== 'destroy-guest' ? ['**destroys it**'] : [];
  const change = [...words, stepWords(step)].join(': ');
  return `| ${at} | ${target} | ${change} | ${howWords(step)} | ${undo(step)} |`;
}

/** `memory 2048 → 3072 MiB`; a restart says what it makes take effect. */
export function stepWords(step: Step): string {
  const { action, changes, kind, after } = step;
  if (action.kind === 'run-playbook') return playbookRow(action.hosts, after);
  if (touchesOf(step) !== undefined) {
    const words = escapeText(printValues(after), 300);
    return step.destroys ? `**${words}**` : words;
  }
  if (action.kind === 'destroy-guest') return destroyWords(action.backup, step.before);
  if (action.kind === 'clone-guest') return cloneWords(action, after);
  if (kind === 'create-guest') return `**creates it**: ${escapeText(printValues(after), 300)}`;
  if (
    action.kind === 'start-guest' ||
    action.kind === 'stop-guest' ||
    action.kind === 'migrate-guest' ||
    action.kind === 'move-disk'
  )
    return `**${escapeText(lifeOrder(action), 200)}**`;
  if (action.kind === 'reboot-guest')
    return `**reboot**, so that ${escapeText(printValues(action.makes), 200)} takes effect`;
  return escapeText(
    changes.map(({ field, before, after, unit }) => printChange(field, before, after, unit)).join(', '),
    300,
  );
}

/** `**destroys it and its disk (16 GiB)**; what is left is its backup of 2026-11-20 03:12Z (`UPID:…`)` */
function destroyWords(backup: string, { disk }: Step['before']): string {
  const at = upidBegan(backup);
  const of = at === undefined ? '' : ` of ${dayAndMinuteOf(at)}`;
  const size = typeof disk === 'number' ? ` and its disk (${disk} GiB)` : '';
  return `**destroys it${size}**; what is left is its backup${of} (${escapeCode(backup, 160)})`;
}

/** `**clones it from template 900**, in full to local-lvm: cores 2, memory 1024 MiB; **it is not started**` */
function cloneWords({ from, disk, start }: CloneAction, after: Step['after']): string {
  const values = Object.fromEntries(Object.entries(after).filter(([field]) => field !== 'status'));
  const where = `**clones it from template ${from}**, in full to ${escapeText(disk.storage, 64)}`;
  return `${where}: ${escapeText(printValues(values), 300)}; **it is ${start ? '' : 'not '}started**`;
}

/** `on postgres and web1: 3 tasks change, **1 task runs unpredicted**` */
function playbookRow(hosts: readonly string[], after: Step['after']): string {
  const names = hosts.length > 4 ? [...hosts.slice(0, 3), `${hosts.length - 3} more hosts`] : hosts;
  const [changes, blind] = [after['changes'], after['unpredicted']].map((one) => (typeof one === 'number' ? one : 0));
  const words = [
    ...(changes === 0 ? [] : [playbookWords(changes ?? 0, 0)]),
    ...(blind === 0 ? [] : [`**${playbookWords(0, blind ?? 0)}**`]),
  ];
  return `on ${listed(names.map((name) => escapeText(name, 64)))}: ${words.join(', ')}`;
}

/** Through what, and whether the guest stays up: `live, Proxmox API`, `it is down meanwhile, Proxmox API`. */
export function howWords(step: Step): string {
  const { applier, live, reboots, kind } = step;
  const through = applier === 'proxmox' ? 'Proxmox API' : escapeText(names[applier] ?? applier, 40);
  if (kind === 'create-guest' || kind === 'destroy-guest' || kind === 'start-guest') return through;
  // Its words say how it moves.
  if (kind === 'migrate-guest' && !reboots) return through;
  if (touchesOf(step) !== undefined) return reboots ? `guests are down meanwhile, ${through}` : through;
  if (reboots) return `it is down meanwhile, ${through}`;
  if (kind === 'stop-guest') return `it is down from then on, ${through}`;
  if (kind === 'run-playbook') return through;
  return live ? `live, ${through}` : `waits for the reboot, ${through}`;
}

const names: { readonly [applier: string]: string } = { terraform: 'Terraform', ansible: 'Ansible' };

function undo(step: Step): string {
  const { inverse, kind } = step;
  if (isFinal(step)) return '**cannot be undone**';
  if (kind === 'create-guest') return 'a pull request that takes its file away';
  if (['change-guest', 'change-stack', 'run-playbook'].includes(kind)) return 'a revert, with a plan of its own';
  return inverse === 'irreversible' ? '**cannot be undone**' : escapeText(undoWords(inverse), 200);
}

/** `memory 2048 MiB` */
export function undoWords(inverse: Exclude<Step['inverse'], 'irreversible'>): string {
  if (isLifeAction(inverse)) return lifeOrder(inverse);
  const values: { readonly [field: string]: Json } = inverse.kind === 'reboot-guest' ? inverse.makes : inverse.set;
  return inverse.kind === 'reboot-guest' ? `reboot into ${printValues(values)}` : printValues(values);
}
