import type { Tree } from '../core/change-set.ts';
import { GitmendError } from '../core/errors.ts';
import { editYaml } from '../editors/yaml.ts';
import { type FoundGuest, guestFile, inventoryFile, type NewGuest, newInventory } from '../import/index.ts';
import type { Answers } from './answers.ts';
import { configurationOf, hostOf } from './configuration.ts';

/** The template: what lies in infra/, and policies/ beside it. */
export interface Template {
  infra: Tree;
  policies: Tree;
}

/** A guest with where Ansible reaches it. */
type Reached = NewGuest & Pick<FoundGuest, 'reached'>;

// The template's examples are of a lab that is not this one.
const examples = /^(?:guests\/|ansible\/host_vars\/|ansible\/group_vars\/databases\.yaml$|dns\/|gitmend\.yaml$)/;

/** Every file of a new infrastructure repository, by path. `guests` is empty where none were read. Pure. */
export function newTree(template: Template, answers: Answers, guests: readonly Reached[]): Map<string, string> {
  const tree = new Map([...template.infra].filter(([path]) => !examples.test(path) && !isIdle(path, answers)));
  for (const [path, text] of template.policies) tree.set(`policies/${path}`, text);
  tree.set('gitmend.yaml', configurationOf(read(template.infra, 'gitmend.yaml'), answers));
  if (answers.cluster.ca !== undefined) tree.set('certs/pve-root-ca.pem', answers.cluster.ca);
  for (const guest of guests) tree.set(`guests/${guest.name}.yaml`, guestFile(guest, answers.cluster.name));
  if (guests.length === 0) tree.set('guests/.gitkeep', '');
  tree.set('policies/guests.yaml', policyOf(read(tree, 'policies/guests.yaml'), answers));
  tree.set('prometheus/prometheus.yaml', scrapesOf(read(tree, 'prometheus/prometheus.yaml'), answers, guests));
  const hosts = guests.flatMap(({ name, reached }) =>
    'address' in reached ? [{ name, address: reached.address }] : [],
  );
  tree.set(inventoryFile, newInventory(hosts));
  tree.set('ansible/playbooks/site.yaml', firstPlay(read(tree, 'ansible/playbooks/site.yaml')));
  return tree;
}

/**
 * A workflow that nothing asked for: of the other forge, or of any where jobs are not the runner. It would only fail, and
 * where no runner has its label it would be pending for ever, on every pull request.
 */
function isIdle(path: string, { runner, forge }: Answers): boolean {
  return /^\.(?:gitea|github)\//.test(path) && !(runner === 'ci' && path.startsWith(`.${forge.kind}/`));
}

/** One person cannot be two: a level that nobody reaches would refuse everything about a critical guest. */
function policyOf(text: string, { people }: Answers): string {
  if (people.length > 1) return text;
  return editYaml(text, [
    { path: ['rules', 0, 'name'], value: 'critical guests' },
    { path: ['rules', 0, 'level'], value: 'approve' },
    { path: ['rules', 1, 'name'], value: 'destroying' },
    { path: ['rules', 1, 'level'], value: 'approve' },
    { path: ['rules', 2, 'name'], value: 'destroying resources' },
    { path: ['rules', 2, 'level'], value: 'approve' },
  ]);
}

function scrapesOf(text: string, { cluster }: Answers, guests: readonly Reached[]): string {
  const addresses = guests.flatMap(({ reached }) => ('address' in reached ? [reached.address] : []));
  return editYaml(text, [
    { path: ['scrape_configs', 1, 'static_configs', 0, 'targets'], value: [hostOf(cluster.endpoint)] },
    {
      path: ['scrape_configs', 2, 'static_configs', 0, 'targets'],
      value: addresses.map((address) => (address.includes(':') ? `[${address}]:9100` : `${address}:9100`)),
    },
  ]);
}

/** The first play holds for every guest; those after it are of the example's groups. */
function firstPlay(text: string): string {
  const second = text.indexOf('\n- name:', text.indexOf('\n- name:') + 1);
  return second < 0 ? text : text.slice(0, second);
}

function read(tree: Tree, path: string): string {
  const text = tree.get(path);
  if (text === undefined) throw new GitmendError('INTERNAL', `the template has no ${path}`);
  return text;
}
