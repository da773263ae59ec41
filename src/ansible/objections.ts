import type { AnsibleConfig, AnsibleObjection, AnsibleWork } from '../core/ansible.ts';
import { isLink, type Tree } from '../core/change-set.ts';
import type { Allowed, TaskFacts } from './context.ts';
import { approvedValue, objectionsToTemplates, readData } from './data.ts';
import { inventoryOf, objectionsToInventory, withoutInventory } from './inventory.ts';
import { reachOfText } from './lookups.ts';
import { walkPlaybook } from './plays.ts';
import { objectionsToSettings } from './settings.ts';
import { unreadable, type Value } from './source.ts';
import { kindOf } from './tree.ts';
import { objectionsToVariables } from './variables.ts';

/** What `ansible:` of gitmend.yaml allows a playbook to use. */
export function allowedBy({
  collections,
  environment,
  becomePasswords = [],
}: Pick<AnsibleConfig, 'collections' | 'environment' | 'becomePasswords'>): Allowed {
  return { collections, environment: Object.keys(environment), becomePasswords };
}

/** A playbook with its data, read and judged and not run. */
export interface Judged {
  /** Every one at once, by file and line. Empty: it may be run in check mode. */
  objections: AnsibleObjection[];
  /** By `file:line`. */
  tasks: ReadonlyMap<string, TaskFacts>;
  /** Data by path as it was judged, with what was encrypted opened: what Ansible is given. */
  data: ReadonlyMap<string, Value>;
  /** Texts that were encrypted. */
  secrets: string[];
  /** `ansible/host_vars/db.yaml:3`: encrypted, and not opened with this password or for want of one. */
  sealed: string[];
  /** What `-i` names. */
  inventory: string;
}

/**
 * Reads a playbook with everything that it brings in, and all data of the tree, and says what would run something, act
 * elsewhere or hide what it does, whoever approves it. Nothing is run. `vaultPassword` opens what is encrypted.
 */
export function judge(work: AnsibleWork, allowed: Allowed, vaultPassword?: string): Judged {
  const { tree, playbook } = work;
  const walk = walkPlaybook(tree, playbook, allowed);
  const inventory = inventoryOf(tree);
  const read = dataOf(work, [...walk.variables, ...(inventory?.files ?? [])], vaultPassword);
  const data = read.map(({ path, value, objections, text }) => [
    ...objections,
    ...(inventory?.files.includes(path) === true
      ? objectionsToInventory(path, text, value)
      : objectionsToFile(path, value)),
    ...(value === undefined
      ? []
      : objectionsToTemplates(path, value, allowed, approvedValue(path, work.before, vaultPassword))),
  ]);
  const objections = [
    ...objectionsToSettings(tree),
    ...links(tree),
    ...ownCode(tree),
    ...templates(tree, allowed),
    ...(inventory === undefined ? [withoutInventory()] : []),
    ...data.flat(),
    ...walk.objections,
  ];
  return {
    objections: inOrder(objections),
    tasks: walk.tasks,
    data: new Map(read.flatMap(({ path, value }) => (value === undefined ? [] : [[path, value] as const]))),
    secrets: read.flatMap((one) => one.secrets),
    sealed: read.flatMap(({ path, sealed }) => sealed.map((line) => (line === 0 ? path : `${path}:${line}`))),
    inventory: inventory?.path ?? '',
  };
}

/** The objections alone. */
export function objectionsTo(work: AnsibleWork, allowed: Allowed, vaultPassword?: string): AnsibleObjection[] {
  return judge(work, allowed, vaultPassword).objections;
}

/** Every file of data: those that Ansible loads by itself, those that the playbook names, and the inventory. */
function dataOf({ tree }: AnsibleWork, named: readonly string[], vaultPassword: string | undefined) {
  const own = [...tree.keys()].filter((path) => kindOf(path, tree) === 'variables');
  const paths = [...new Set([...own, ...named])].filter((path) => !/\/\.[^/]*$|\.md$/.test(path)).sort();
  return paths.map((path) => {
    const text = tree.get(path) ?? '';
    return { path, text, ...readData(path, text, vaultPassword) };
  });
}

function objectionsToFile(path: string, value: Value | undefined): AnsibleObjection[] {
  if (value === undefined || (value.kind === 'scalar' && value.value === null)) return [];
  if (value.kind === 'map')
    return objectionsToVariables(path, value, /\/(?:group|host)_vars\//.test(path) ? 'host' : 'play');
  return [unreadable(path, value.line, 'holds no variables', 'Write name: value')];
}

const codeFolders = new RegExp(
  '/(?:library|module_utils|ansible_collections|(?:action|become|cache|callback|cliconf|connection|doc_fragment|filter|httpapi|' +
    'inventory|lookup|netconf|shell|strategy|terminal|test|vars)_plugins|doc_fragments|modules)/',
);

/** A link is none of the files that were reviewed, whatever it leads to. */
function links(tree: Tree): AnsibleObjection[] {
  const paths = [...tree].filter(([path, text]) => path.startsWith('ansible/') && isLink(text)).map(([path]) => path);
  return paths
    .sort()
    .map((path) => unreadable(path, 0, 'is a symbolic link, and gitmend follows none', 'Put the file itself there'));
}

/** Code that Ansible would load from the tree by itself. */
function ownCode(tree: Tree): AnsibleObjection[] {
  const paths = [...tree.keys()].filter(
    (path) =>
      path.startsWith('ansible/') &&
      (codeFolders.test(path) || /^ansible\/(?:playbooks\/)?collections\/(?!requirements\.ya?ml$)/.test(path)) &&
      !/\/\.git(?:keep|ignore)$/.test(path),
  );
  return paths.sort().map((file) => ({
    kind: 'own-code',
    file,
    line: 0,
    name: '',
    why: `${file} is code that Ansible would load, and nobody can say what it does in check mode`,
    next: 'Do it with what ansible-core has, or install it as a collection and name that in gitmend.yaml',
  }));
}

const otherBraces =
  /^\s*#jinja2:.*(?:variable_start|variable_end|block_start|block_end|comment_start|comment_end)_string/;

/** Templates are rendered where gitmend runs, in check mode too. */
function templates(tree: Tree, allowed: Allowed): AnsibleObjection[] {
  const found = [...tree].filter(
    ([path]) =>
      path.startsWith('ansible/') &&
      kindOf(path, tree) === 'code' &&
      (/\/templates\/|\.j2$/.test(path) || !/\.(?:ya?ml|json|cfg|md)$/.test(path)),
  );
  return found
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([file, text]) => {
      const runs = reachOfText(text, allowed).map((why) => template(file, 'runs-in-check', lineOf(text, why), why));
      const braces = 'changes what a template is (#jinja2:), so nobody can say what it runs';
      return otherBraces.test(text) ? [...runs, template(file, 'hidden', 1, braces)] : runs;
    });
}

function lineOf(text: string, why: string): number {
  const [, name] = /^(?:the filter |lookup\(')([\w.]+)/.exec(why) ?? [];
  const index = text
    .split('\n')
    .findIndex((line) => line.includes(name ?? 'lookup') || /\b(?:query|q)\s*\(/.test(line));
  return index + 1;
}

function template(file: string, kind: 'runs-in-check' | 'hidden', line: number, why: string): AnsibleObjection {
  const next = 'Take it out of the template, and have a task bring the value';
  return { kind, file, line, name: '', why, next };
}

function inOrder(objections: readonly AnsibleObjection[]): AnsibleObjection[] {
  const seen = new Set<string>();
  const unique = objections.filter((one) => {
    const key = [one.file, one.line, one.kind, one.name, one.why].join('\0');
    return !seen.has(key) && seen.add(key);
  });
  return unique.sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}
