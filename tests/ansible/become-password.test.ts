import { describe, expect, it } from 'vitest';
import { saidOf } from './examples.ts';

const [all, one] = ['group_vars/all.yaml', 'host_vars/one.yaml'];
const look = (name = 'SUDO_PASSWORD') => `"{{ lookup('env', '${name}') }}"`;
const sudo = `ansible_become_password: ${look()}\n`;
const environment = ['SUDO_PASSWORD', 'SMTP_PASSWORD'];
const named = { environment, becomePasswords: ['SUDO_PASSWORD'] };

describe('the password of sudo from the environment', () => {
  it('stays where it was approved, also when something else of the file changes', () => {
    expect(saidOf({ [all]: `${sudo}x: 1\n` }, { environment, before: { [all]: sudo } })).toEqual([]);
    const inventory = (more: string) => ({
      'inventory.yaml': `all:\n  hosts:\n    one: { ansible_become_password: ${look()} }\n${more}`,
    });
    expect(saidOf(inventory('    two: {}\n'), { environment, before: inventory('') })).toEqual([]);
  });

  it('is new only where gitmend.yaml names it for that', () => {
    for (const file of [all, one]) {
      expect(saidOf({ [file]: sudo }, named)).toEqual([]);
      expect(saidOf({ [file]: sudo }, { environment })).toMatchObject([
        {
          ...{ kind: 'template', file: `ansible/${file}`, line: 1, name: "{{ lookup('env', 'SUDO_PASSWORD') }}" },
          why: 'this value reads SUDO_PASSWORD, which ansible: becomePasswords: of gitmend.yaml does not name',
          next: expect.stringContaining('Name it in ansible: becomePasswords: of gitmend.yaml') as string,
        },
      ]);
    }
    expect(saidOf({ [all]: sudo }, { becomePasswords: ['SUDO_PASSWORD'] })).toMatchObject([{ kind: 'runs-in-check' }]);
  });

  it.each([
    ['another secret', { [all]: sudo.replace('SUDO_', 'SMTP_') }],
    ['another key, which a task could show', { [all]: `motd: ${look()}\n${sudo}` }],
    ['the place of another host', { [all]: sudo, [one]: `motd: { ansible_become_password: [${look()}] }\n` }],
    ['more than the password', { [all]: `ansible_become_password: "x{{ lookup('env', 'SUDO_PASSWORD') }}"\n` }],
    ['a filter behind it', { [all]: `ansible_become_password: "{{ lookup('env', 'SUDO_PASSWORD') | string }}"\n` }],
    ['two of them', { [all]: `ansible_become_password: "{{ lookup('env', 'SUDO_PASSWORD', 'SMTP_PASSWORD') }}"\n` }],
  ])('refuses %s, although the approved file looks the same secret up', (_, files) => {
    expect(saidOf(files, { ...named, before: { [all]: sudo } })).toMatchObject([{ kind: 'template', line: 1 }]);
  });

  it('and what was approved in one file is not known in another, where gitmend.yaml does not name it', () => {
    expect(saidOf({ [all]: sudo, [one]: sudo }, { environment, before: { [all]: sudo } })).toMatchObject([
      { file: `ansible/${one}` },
    ]);
  });
});
