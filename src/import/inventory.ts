import { type Document, parseDocument } from 'yaml';
import type { Tree } from '../core/change-set.ts';
import { GitmendError, isGitmendError } from '../core/errors.ts';
import { editYaml } from '../editors/yaml.ts';
import { removeYaml } from '../editors/yaml-remove.ts';
import { listed } from '../texts/words.ts';
import { type Host, inFlow, placesIn, withHosts } from './inventory-hosts.ts';

export type { Host };

export const inventoryFile = 'ansible/inventory.yaml';

/** A new inventory with these hosts. */
export function newInventory(hosts: readonly Host[]): string {
  const entries = hosts.map(({ name, address }) => `    "${name}": { ansible_host: ${inFlow(address)} }`);
  const list = entries.length === 0 ? '  hosts: {}' : ['  hosts:', ...entries].join('\n');
  return `# ansible/inventory.yaml          The guests that Ansible reaches over SSH. Group them by what they are.\nall:\n${list}\n`;
}

/** What becomes of the inventory. */
export interface InventoryEdit {
  /** Absent where nothing changes. */
  text?: string;
  added: string[];
  moved: { name: string; from: string; to: string }[];
  removed: string[];
  /** What is left to a person, and why. */
  left: string[];
}

export interface InventoryWishes {
  /** Guests that are declared from now on: one that is in no group is added. */
  fresh: readonly Host[];
  /** Guests that were declared before: only an address that is written there is edited. */
  known: readonly Host[];
  /** Guests whose file is taken out. */
  gone: readonly string[];
}

/** The inventory of a tree with the addresses of now; groups, variables and comments are the user's, and stay. */
export function inventoryEdit(tree: Tree, { fresh, known, gone }: InventoryWishes): InventoryEdit {
  const none: InventoryEdit = { added: [], moved: [], removed: [], left: [] };
  const text = tree.get(inventoryFile);
  if (text === undefined) {
    const other = [...tree.keys()].find((path) => /^ansible\/(?:hosts|inventor)/.test(path));
    if (other !== undefined) return { ...none, left: [`${other} is not edited: only ${inventoryFile} is`] };
    const hosts = [...known, ...fresh];
    return { ...none, text: newInventory(hosts), added: hosts.map(({ name }) => name) };
  }
  const root = parseDocument(text, { logLevel: 'error' });
  if (root.errors.length > 0) return { ...none, left: [`${inventoryFile} is not YAML that can be edited`] };
  const places = placesIn(root.contents);
  const editor: Editor = { text, ...none };
  for (const host of [...known, ...fresh]) move(editor, root, places.get(host.name) ?? [], host);
  add(
    editor,
    fresh.filter(({ name }) => !places.has(name)),
  );
  for (const name of gone) remove(editor, places.get(name) ?? [], name);
  const { text: edited, ...rest } = editor;
  return edited === text ? rest : { ...rest, text: edited };
}

interface Editor extends InventoryEdit {
  text: string;
}

/** Only an address is held against an address: a name of DNS or a template is the user's own way to say it. */
function move(editor: Editor, root: Document, places: readonly string[][], { name, address }: Host): void {
  for (const path of places) {
    const said: unknown = root.getIn([...path, 'ansible_host']);
    const isAddress = typeof said === 'string' && /^(?:[0-9.]{7,15}|[0-9a-f:.]*:[0-9a-f:.]*)$/i.test(said);
    if (!isAddress || said === address) continue;
    attempt(editor, name, () => {
      editor.text = editYaml(editor.text, [{ path: [...path, 'ansible_host'], value: address }]);
      editor.moved.push({ name, from: said, to: address });
    });
  }
}

/** One line for each, behind the hosts of `all`; read back before it counts. */
function add(editor: Editor, hosts: readonly Host[]): void {
  const [first, ...more] = hosts;
  if (first === undefined) return;
  attempt(editor, listed(hosts.map(({ name }) => name)), () => {
    const edited = withHosts(editor.text, [first, ...more]);
    const document = parseDocument(edited, { logLevel: 'error' });
    const isThere = ({ name, address }: Host) => document.getIn(['all', 'hosts', name, 'ansible_host']) === address;
    if (document.errors.length > 0 || !hosts.every(isThere))
      throw new GitmendError('CONFIG_INVALID', `${inventoryFile} has no place for hosts`);
    editor.text = edited;
    editor.added.push(...hosts.map(({ name }) => name));
  });
}

function remove(editor: Editor, places: readonly string[][], name: string): void {
  for (const path of places)
    attempt(editor, name, () => {
      editor.text = removeYaml(editor.text, path);
      editor.removed.push(name);
    });
}

function attempt(editor: Editor, name: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!isGitmendError(error, 'CONFIG_INVALID')) throw error;
    editor.left.push(`${name} in ${inventoryFile}: that place cannot be edited without a change of others`);
  }
}
