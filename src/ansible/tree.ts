import type { AnsibleConfig } from '../core/ansible.ts';
import type { Tree } from '../core/change-set.ts';
import { inventorySetting } from './settings.ts';

/** `variables` and `inventory` are data: they may be checked before they are merged. `code` is everything else. */
export type FileKind = 'variables' | 'inventory' | 'code';

const ending = '(?:\\.ya?ml|\\.json)';
// Ansible looks for these two folders beside the inventory and beside each playbook, wherever those are.
const others = '(?:roles|tasks|handlers|files|templates|library|module_utils|collections|[a-z]+_plugins)/';
const ofHosts = new RegExp(`^ansible/(?:(?!${others})[^/]+/)*(?:group_vars|host_vars)/(?:[^/]+/)*[^/.]+(?:\\.[^/]*)?$`);
const variables = new RegExp(
  `^ansible/(?:playbooks/|inventory/)?(?:vars/(?:[^/]+/)*[^/]+${ending}|roles/[^/]+/(?:vars|defaults)/(?:[^/]+/)*[^/]+)$`,
);
const inventory = new RegExp(`^ansible/(?:inventory|hosts)(?:\\.[a-z]+|/(?:[^/]+/)*[^/]+)?$`);

/** What a file of `ansible/` is. `tree` says by its ansible.cfg where the inventory lies. */
export function kindOf(path: string, tree: Tree): FileKind {
  if (variables.test(path) || ofHosts.test(path)) return 'variables';
  const own = inventorySetting(tree);
  const named = own !== undefined && (path === `ansible/${own}` || path.startsWith(`ansible/${own}/`));
  return named || inventory.test(path) ? 'inventory' : 'code';
}

export interface UnderReview {
  /** Code of the default branch with the data under review: what may be run in check mode. */
  tree: Tree;
  /** Paths of data that the change has otherwise, sorted. */
  data: string[];
  /** Paths of code that the change has otherwise, sorted: none of it is run before it is merged. */
  code: string[];
}

/** The files that a change may be checked with. Only what is below `ansible/`. */
export function underReview(base: Tree, head: Tree): UnderReview {
  const isData = (path: string): boolean => kindOf(path, base) !== 'code';
  const own = (tree: Tree): string[] => [...tree.keys()].filter((path) => path.startsWith('ansible/'));
  const code = own(base).filter((path) => !isData(path));
  const tree = new Map(code.map((path) => [path, base.get(path) ?? '']));
  for (const path of own(head).filter(isData)) tree.set(path, head.get(path) ?? '');
  const changed = [...new Set([...own(base), ...own(head)])].filter((path) => base.get(path) !== head.get(path)).sort();
  return { tree, data: changed.filter(isData), code: changed.filter((path) => !isData(path)) };
}

/** The playbooks that gitmend.yaml names and the tree has, each once, in the order of gitmend.yaml. */
export function playbooksOf(tree: Tree, { playbooks }: Pick<AnsibleConfig, 'playbooks'>): string[] {
  const found = playbooks.flatMap((pattern) => {
    const path = new RegExp(`^${pattern.split('*').map(escaped).join('[^/]*')}$`);
    return [...tree.keys()].filter((one) => path.test(one)).sort();
  });
  return [...new Set(found)];
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
