import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { applierNamed, appliers, type ApplierMeans } from '../../src/appliers/index.ts';
import { fakeClock } from '../clients/proxmox/support.ts';

const means: ApplierMeans = {
  clock: fakeClock(),
  proxmox: (cluster) => {
    throw new Error(`no client of ${cluster} is asked for`);
  },
};

test('every folder of appliers is registered by its name, and nothing else is', () => {
  const entries = readdirSync(join(import.meta.dirname, '../../src/appliers'), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  // ansible works on playbooks, and not on steps of one guest.
  expect([...Object.keys(appliers), 'ansible'].sort()).toEqual(folders.sort());
});

test('an applier knows its own name', () => {
  expect(Object.keys(appliers).map((name) => applierNamed(name, means).name)).toEqual(Object.keys(appliers));
});

test.each(['ansible', 'toString', '__proto__', ''])('a step that names %j finds no applier', (name) => {
  expect(() => applierNamed(name, means)).toThrow(/and there is none/);
});
