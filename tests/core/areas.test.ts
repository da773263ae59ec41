import { describe, expect, it } from 'vitest';
import { areaOf, areaOfTarget } from '../../src/core/area.ts';
import { GitmendError, unless } from '../../src/core/errors.ts';
import { isStackData, isStackPackage } from '../../src/core/stack-files.ts';
import { lockedBy, parseStackTarget, printStackTarget } from '../../src/core/target.ts';

describe('areas of a repository', () => {
  it('are called by their folder, and nothing that is only called alike belongs to one', () => {
    const paths = ['ansible/inventory.yaml', 'stacks/main.ts', 'guests/postgres.yaml', 'ansible.md', 'stacks'];
    expect(paths.map(areaOf)).toEqual(['ansible', 'stacks', undefined, undefined, undefined]);
  });

  it('have targets of their own; a guest is in none', () => {
    expect(['ansible/site', 'stack/guests', 'home/lxc/200', 'rules'].map(areaOfTarget)).toEqual([
      'ansible',
      'stacks',
      undefined,
      undefined,
    ]);
  });

  it('hold what runs on one host apart: a playbook takes the lock of all of them, a stack its own, a guest its cluster', () => {
    expect(lockedBy('ansible/site')).toEqual(['ansible', 'ansible/site']);
    expect(lockedBy('stack/guests')).toEqual(['stack/guests']);
    expect(lockedBy('home/lxc/200')).toEqual(['home', 'home/lxc/200']);
  });
});

describe('the target of a stack', () => {
  it('is read as it was printed, and is a name and no path', () => {
    expect(parseStackTarget(printStackTarget('guests'))).toBe('guests');
    for (const text of ['stack/', 'stack/../x', 'stack/a/b', 'stack/-x', `stack/${'a'.repeat(65)}`, 'home/lxc/200'])
      expect(parseStackTarget(text)).toBeUndefined();
  });
});

describe('files that stacks are made from', () => {
  it('are YAML beside the code and the configuration, and never what could run', () => {
    for (const path of ['gitmend.yaml', 'guests/postgres.yaml', 'ansible/group_vars/all.yml', 'dns/home.lan.yaml'])
      expect(isStackData(path)).toBe(true);
    for (const path of [
      'guests/postgres.ts',
      'package.json',
      'policies/guests.yaml',
      'x/guests/a.yaml',
      'guests/a.yaml.ts',
    ])
      expect(isStackData(path)).toBe(false);
  });

  it('that say which modules run are told from the code', () => {
    for (const path of [
      'stacks/package.json',
      'stacks/package-lock.json',
      'stacks/lib/.npmrc',
      'stacks/npm-shrinkwrap.json',
    ])
      expect(isStackPackage(path)).toBe(true);
    for (const path of ['package.json', 'stacks/package.json.ts', 'stacks/packages.json', 'guests/package.json'])
      expect(isStackPackage(path)).toBe(false);
  });
});

describe('one failure that is an answer', () => {
  const failing = (code: 'PVE_NOT_FOUND' | 'PVE_LOCKED') => Promise.reject(new GitmendError(code, 'as it is'));

  it('is undefined for exactly that code', async () => {
    await expect(unless('PVE_NOT_FOUND', Promise.resolve(7))).resolves.toBe(7);
    await expect(unless('PVE_NOT_FOUND', failing('PVE_NOT_FOUND'))).resolves.toBeUndefined();
    await expect(unless('PVE_NOT_FOUND', failing('PVE_LOCKED'))).rejects.toThrow('as it is');
    await expect(unless('PVE_NOT_FOUND', Promise.reject(new TypeError('another')))).rejects.toThrow(TypeError);
  });
});
