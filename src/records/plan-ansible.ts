import { playbookTarget, playbookWords, touchedHosts } from '../ansible/playbook-step.ts';
import type { AnsiblePlan, HostPlan, TaskChange } from '../core/ansible.ts';
import { canonical } from '../core/json.ts';
import type { PlanRecord } from '../core/plan.ts';
import { counted, listed } from '../texts/words.ts';
import { cutMarkdown } from './cut.ts';
import { escapeCode, escapeText, fencedBlock } from './escape.ts';
import { everything, type Room } from './plan-room.ts';
import { details, sentence } from './sentence.ts';

/** Lines of one diff, and letters of one of its lines, in a comment. */
const diffRoom = { lines: 60, letters: 300 };
const wholeDiff = { lines: Infinity, letters: 4000 };
/** Tasks that stand unfolded by name; whoever has more reads the whole text. */
const mostNamed = 40;

/**
 * The section about Ansible: what of each playbook changes on which host, folded by hosts that change alike; before it,
 * unfolded, every task that check mode cannot predict. `whole`: nothing was left out for want of room.
 */
export function ansibleParts(
  { ansible = [] }: Pick<PlanRecord, 'ansible'>,
  room: Room,
): { parts: string[]; whole: boolean } {
  if (ansible.length === 0) return { parts: [], whole: true };
  const sections = ansible.map(({ plan }) => sectionOf(plan, room === everything));
  const head = sections.map((one) => [one.headline, ...one.blind].join('\n\n')).join('\n\n');
  let left = room.ansible - head.length - 300;
  let missing = 0;
  const parts = sections.map(({ headline, blind, blocks }) => {
    const kept = blocks.filter(({ text }) => {
      if (text.length + 2 > left) return false;
      left -= text.length + 2;
      return true;
    });
    missing += blocks.length - kept.length;
    return [headline, ...blind, ...kept.map(({ text }) => text)].join('\n\n');
  });
  const cut = sections.some(({ whole, blocks }) => !whole || blocks.some((block) => !block.whole));
  const said =
    missing === 0 ? [] : [`**What changes on ${counted(missing, 'more group')} of hosts is not shown here.**`];
  const text = [...parts, ...said].join('\n\n');
  return { parts: [cutMarkdown(text, room.ansible)], whole: !cut && missing === 0 && text.length <= room.ansible };
}

interface Section {
  headline: string;
  /** What runs unpredicted, by name. */
  blind: string[];
  blocks: { text: string; whole: boolean }[];
  whole: boolean;
}

function sectionOf(plan: AnsiblePlan, all: boolean): Section {
  const groups = alike(touchedHosts(plan).filter(({ changes }) => changes.length > 0));
  const blind = unpredictedLines(plan);
  const most = all ? Infinity : mostNamed;
  const lines = [
    ...blind.slice(0, most),
    ...(blind.length > most ? [`- **and ${blind.length - most} more tasks**`] : []),
  ];
  return {
    headline: headline(plan),
    blind:
      blind.length === 0
        ? []
        : [`**Not predicted**: check mode cannot say what these do, and they run.\n${lines.join('\n')}`],
    blocks: groups.map((group) => folded(group, all ? wholeDiff : diffRoom)),
    whole: blind.length <= most,
  };
}

/** `**Ansible**, site (ansible/playbooks/site.yaml): 2 hosts change, 1 stays as it is.` */
function headline(plan: AnsiblePlan): string {
  const touched = touchedHosts(plan);
  const changing = touched.filter(({ changes }) => changes.length > 0).length;
  const still = plan.hosts.filter(({ failed, unreachable }) => failed === undefined && unreachable === undefined);
  const quiet = still.length - touched.filter((host) => still.includes(host)).length;
  const words = [
    ...(changing === 0 ? [] : [counted(changing, 'host changes', 'hosts change')]),
    ...(touched.length === changing
      ? []
      : [`on ${counted(touched.length - changing, 'host')} only what nobody can predict runs`]),
    ...(quiet === 0 ? [] : [counted(quiet, 'host stays as it is', 'hosts stay as they are')]),
    ...plan.hosts.flatMap(brokenWords),
  ];
  const name = playbookTarget(plan.playbook).slice('ansible/'.length);
  const empty =
    plan.withoutHosts.length === 0 ? '' : ` No host is there for ${escapeText(listed(plan.withoutHosts), 200)}.`;
  const silent = silentWords(plan.silent ?? []);
  return `**Ansible**, ${escapeText(name, 80)} (${escapeCode(plan.playbook)}): ${words.length === 0 ? 'it reaches no host' : words.join(', ')}.${empty}${silent}`;
}

/** Only where hosts are added and nothing else: then this is no fault. */
function silentWords(hosts: readonly string[]): string {
  if (hosts.length === 0) return '';
  const named = hostsWords(hosts);
  const verb = hosts.length === 1 ? 'does not answer, and is' : 'do not answer, and are';
  return ` **${named} ${verb} not checked**: nothing runs there by this merge, which only adds hosts; the next change of variables is checked on them.`;
}

function brokenWords({ host, failed, unreachable }: HostPlan): string[] {
  if (unreachable !== undefined) return [`**${escapeText(host, 64)} does not answer**`];
  return failed === undefined ? [] : [`**${escapeText(host, 64)} fails at ${escapeText(failed.task, 120)}**`];
}

/** One line per task, with the hosts that it runs on. */
function unpredictedLines(plan: AnsiblePlan): string[] {
  const tasks = new Map<string, { line: (hosts: readonly string[]) => string; hosts: string[] }>();
  for (const { host, unpredicted } of touchedHosts(plan)) {
    for (const { play, task, module, why } of unpredicted) {
      const key = canonical({ play, task, module, why });
      const line = (hosts: readonly string[]) =>
        `- **${escapeText(task === '' ? module : task, 120)}** (${escapeCode(module, 80)}) on ${hostsWords(hosts)}: ${sentence(why, 200)}`;
      const found = tasks.get(key) ?? { line, hosts: [] };
      if (!found.hosts.includes(host)) found.hosts.push(host);
      tasks.set(key, found);
    }
  }
  return [...tasks.values()].map(({ line, hosts }) => line(hosts));
}

/** Hosts on which the very same changes. */
function alike(hosts: readonly HostPlan[]): { hosts: string[]; changes: TaskChange[] }[] {
  const groups = new Map<string, { hosts: string[]; changes: TaskChange[] }>();
  for (const { host, changes } of hosts) {
    const key = canonical(changes.map((change) => ({ ...change })));
    const group = groups.get(key) ?? { hosts: [], changes };
    group.hosts.push(host);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function folded(
  { hosts, changes }: { hosts: readonly string[]; changes: readonly TaskChange[] },
  room: { lines: number; letters: number },
): { text: string; whole: boolean } {
  const names = changes.slice(0, 3).map(({ task, module }) => escapeText(task === '' ? module : task, 60));
  const more = changes.length > names.length ? [`${changes.length - names.length} more`] : [];
  const summary = `${hostsWords(hosts)}: ${playbookWords(changes.length, 0)} (${listed([...names, ...more])})`;
  const whole = changes.every(
    ({ diff }) => diff.length <= room.lines && diff.every((line) => line.length <= room.letters),
  );
  return { text: details(summary, changes.map((change) => changeText(change, room)).join('\n\n')), whole };
}

function hostsWords(hosts: readonly string[]): string {
  const shown = hosts.length > 12 ? [...hosts.slice(0, 11), `${hosts.length - 11} more`] : hosts;
  return listed(shown.map((host) => escapeText(host, 64)));
}

function changeText(
  { task, module, item, handler, diff, cut, hidden }: TaskChange,
  room: { lines: number; letters: number },
): string {
  const of = item === undefined ? '' : `, ${escapeCode(item, 80)}`;
  const why = handler ? ', because of a change before it' : '';
  const line = `${escapeText(task === '' ? module : task, 160)} (${escapeCode(module, 80)}${of})${why}`;
  if (hidden) return `${line}: what it changes is kept secret (\`no_log\`)`;
  if (diff.length === 0) return line;
  const more = cut === 0 ? [] : [`… and ${counted(cut, 'more line')}`];
  return `${line}\n${fencedBlock([...diff, ...more], 'diff', room)}`;
}
