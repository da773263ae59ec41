import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { inventoryEdit, inventoryFile, newInventory } from '../../src/import/inventory.ts';

const edited = (text: string, wishes: Partial<Parameters<typeof inventoryEdit>[1]>) =>
  inventoryEdit(new Map([[inventoryFile, text]]), { fresh: [], known: [], gone: [], ...wishes });

const groups = `# mine
all:
  children:
    databases:
      hosts:
        postgres: { ansible_host: 192.168.1.20, ansible_user: admin } # the big one
    web:
      hosts:
        nextcloud:
          ansible_host: "192.168.1.21"
        proxy: { ansible_host: proxy.home.lan }
        plain:
  vars: { ansible_port: 22 }
`;

describe('the inventory', () => {
  it('is made new with the hosts that have an address', () => {
    const text = newInventory([
      { name: 'web', address: '192.168.1.30' },
      { name: 'on', address: 'fd00::5' },
    ]);
    expect(parse(text)).toEqual({
      all: { hosts: { web: { ansible_host: '192.168.1.30' }, on: { ansible_host: 'fd00::5' } } },
    });
    expect(parse(newInventory([]))).toEqual({ all: { hosts: {} } });
  });

  it('gets an address that moved, where one is written, and keeps everything else to the letter', () => {
    const known = ['postgres', 'nextcloud', 'proxy', 'plain', 'nobody'].map((name) => ({ name, address: '10.0.0.9' }));
    const edit = edited(groups, { known });
    expect(edit.text).toBe(groups.replace('192.168.1.20', '10.0.0.9').replace('"192.168.1.21"', '"10.0.0.9"'));
    expect(edit.moved).toEqual([
      { name: 'postgres', from: '192.168.1.20', to: '10.0.0.9' },
      { name: 'nextcloud', from: '192.168.1.21', to: '10.0.0.9' },
    ]);
    expect(edit.added).toEqual([]);
  });

  it.each([
    ['without hosts of its own', groups],
    ['with an empty map of hosts', 'all:\n  hosts: {}   # none yet\n'],
    ['with hosts of nothing', 'all:\n  hosts:\n  vars: {}\n'],
    ['with a host', 'all:\n  hosts:\n    old: { ansible_host: 1.2.3.4 } # keep\n  vars: {}\n'],
    ['with hosts on one line', 'all: { hosts: { old: { ansible_host: 1.2.3.4 } } }\n'],
    ['of nothing yet', 'all: {}\n'],
  ])('%s gets new hosts, one line each where it has lines', (_name, text) => {
    const fresh = ['web', 'db', 'on'].map((name, index) => ({ name, address: `10.0.0.${index}` }));
    const edit = edited(text, { fresh });
    expect(edit.left).toEqual([]);
    expect(edit.added).toEqual(['web', 'db', 'on']);
    const hosts = (parse(edit.text ?? '') as { all: { hosts: object } }).all.hosts;
    expect(hosts).toMatchObject({
      ...{ web: { ansible_host: '10.0.0.0' }, db: { ansible_host: '10.0.0.1' }, on: { ansible_host: '10.0.0.2' } },
    });
    const kept = (edit.text ?? '').split('\n');
    for (const line of text.split('\n').filter((one) => /#|old:.*keep/.test(one) && !/hosts: \{\}/.test(one)))
      expect(kept).toContain(line);
  });

  it('adds nobody who is in a group already, and nobody who was declared before', () => {
    const fresh = [{ name: 'postgres', address: '192.168.1.20' }];
    expect(edited(groups, { fresh, known: [{ name: 'other', address: '10.0.0.1' }] })).toEqual({
      ...{ added: [], moved: [], removed: [], left: [] },
    });
  });

  it('loses the hosts of guests whose file goes', () => {
    const edit = edited(groups, { gone: ['postgres', 'plain'] });
    expect(edit.removed).toEqual(['postgres', 'plain']);
    expect(parse(edit.text ?? '')).toMatchObject({
      all: { children: { databases: { hosts: {} }, web: { hosts: { nextcloud: {}, proxy: {} } } } },
    });
  });

  it('of another kind, or that is no YAML, is left to a person', () => {
    const wishes = { fresh: [{ name: 'web', address: '10.0.0.1' }], known: [], gone: [] };
    const ini = inventoryEdit(new Map([['ansible/hosts', '[web]\n']]), wishes);
    expect(ini).toMatchObject({ left: ['ansible/hosts is not edited: only ansible/inventory.yaml is'] });
    expect(ini.text).toBeUndefined();
    expect(edited('all: [\n', wishes).left).toHaveLength(1);
    expect(edited('all: [1]\n', wishes)).toMatchObject({ added: [], left: [expect.stringContaining('web')] });
    expect(inventoryEdit(new Map(), wishes).text).toBe(newInventory(wishes.fresh));
  });
});
