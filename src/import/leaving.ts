import { isSeq, parseDocument } from 'yaml';
import type { Tree } from '../core/change-set.ts';
import { type DeclaredGuest, isCalled } from '../core/declared-guest.ts';
import { isGitmendError } from '../core/errors.ts';
import { editYaml } from '../editors/yaml.ts';
import { inventoryEdit, inventoryFile } from './inventory.ts';

/** What becomes of the other files when guests leave the repository. */
export interface Leaving {
  edits: Map<string, string>;
  /** What is taken out of which file. */
  taken: { file: string; what: string[] }[];
  /** Where they are named still: left to a person. 1-based lines. */
  named: { file: string; lines: number[] }[];
}

/**
 * Takes guests out of what gitmend itself writes: the hosts of the inventory and the targets of Prometheus. Every other
 * file that names one, or its address, is only said. The inventory stays where it is `watched`: a change of it is then
 * checked, and run, by playbooks on every host, which is a pull request of its own. Pure.
 */
export function leaving(tree: Tree, guests: readonly DeclaredGuest[], { watched }: { watched: boolean }): Leaving {
  const edits = new Map<string, string>();
  const taken: Leaving['taken'] = [];
  const keep = (file: string, text: string | undefined, what: string[]) => {
    if (text === undefined || what.length === 0) return;
    edits.set(file, text);
    taken.push({ file, what });
  };
  if (!watched && tree.has(inventoryFile)) {
    const gone = guests.map(({ name }) => name);
    const { text, removed } = inventoryEdit(tree, { fresh: [], known: [], gone });
    keep(inventoryFile, text, [...new Set(removed)]);
  }
  for (const [file, text] of tree) {
    if (!/^prometheus\/[^/]+\.ya?ml$/.test(file)) continue;
    const { text: edited, removed } = withoutTargets(text, guests);
    keep(file, edited, removed);
  }
  const own = new Set(guests.map(({ file }) => file));
  return { edits, taken, named: namedIn(new Map([...tree, ...edits]), guests, own) };
}

/** The lists of `static_configs` without these guests; one that cannot be edited alone stays as it is. */
function withoutTargets(text: string, guests: readonly DeclaredGuest[]): { text: string; removed: string[] } {
  const removed: string[] = [];
  let edited = text;
  for (const path of targetLists(text)) {
    const list: unknown = parseDocument(edited, { logLevel: 'error' }).getIn(path, true);
    const targets = isSeq(list) ? list.toJSON() : [];
    if (!targets.every((target) => typeof target === 'string')) continue;
    const out = targets.filter((target) => guests.some((guest) => isTargetOf(target, guest)));
    if (out.length === 0) continue;
    try {
      edited = editYaml(edited, [{ path, value: targets.filter((target) => !out.includes(target)) }]);
      removed.push(...out);
    } catch (error) {
      if (!isGitmendError(error, 'CONFIG_INVALID')) throw error;
    }
  }
  return { text: edited, removed };
}

/** Where the targets of a Prometheus configuration stand. */
function targetLists(text: string): (string | number)[][] {
  const document = parseDocument(text, { logLevel: 'error' });
  const scrapes: unknown = document.errors.length > 0 ? undefined : document.get('scrape_configs');
  if (!isSeq(scrapes)) return [];
  return scrapes.items.flatMap((_, scrape) => {
    const path = ['scrape_configs', scrape, 'static_configs'];
    const groups: unknown = document.getIn(path);
    return isSeq(groups) ? groups.items.map((__, group) => [...path, group, 'targets']) : [];
  });
}

/** `192.168.1.22:9100`, `[fd00::22]:9100`, `frigate.home.lan:9100` */
function isTargetOf(target: string, { name, network }: DeclaredGuest): boolean {
  const host = target.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return host === addressOf(network) || isCalled(name, host);
}

function addressOf({ address }: DeclaredGuest['network']): string | undefined {
  return address?.split('/')[0];
}

function namedIn(tree: Tree, guests: readonly DeclaredGuest[], own: ReadonlySet<string>): Leaving['named'] {
  const words = guests.flatMap(({ name, network }) => [name, addressOf(network)].filter((word) => word !== undefined));
  const wanted = new RegExp(`(?<![\\w.-])(?:${words.map((word) => word.replaceAll('.', '\\.')).join('|')})(?![\\w-])`);
  return [...tree].flatMap(([file, text]) => {
    if (own.has(file) || file.startsWith('operations/')) return [];
    const lines = text.split('\n').flatMap((line, index) => (wanted.test(line) ? [index + 1] : []));
    return lines.length === 0 ? [] : [{ file, lines }];
  });
}
