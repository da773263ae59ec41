import { describe, expect, it } from 'vitest';
import { scenarios } from '../../demo/scenarios/index.ts';
import { appliers } from '../../src/appliers/index.ts';
import { declarations } from '../../src/declarations/index.ts';
import { diagnosers } from '../../src/diagnosers/index.ts';
import { evidenceSources } from '../../src/evidence/index.ts';
import { forges } from '../../src/forges/index.ts';
import { planners } from '../../src/planners/index.ts';
import { doors } from '../../src/signals/index.ts';
import { folders, modules, read } from './project.ts';

describe('a registry equals its directory', () => {
  it.each([
    // ansible works on playbooks, and not on steps of one guest.
    ['src/appliers', [...Object.keys(appliers), 'ansible']],
    ['src/declarations', declarations.map(({ name }) => name)],
    ['src/diagnosers', Object.keys(diagnosers)],
    ['src/evidence', Object.keys(evidenceSources)],
    // http is what the forges with a REST API share.
    ['src/forges', [...Object.keys(forges), 'http']],
    ['src/planners', planners.map(({ name }) => name)],
    ['src/signals', Object.keys(doors)],
  ])('%s', (path, registered) => {
    expect([...registered].sort()).toEqual(folders(path));
  });

  it('demo/scenarios', () => {
    expect(scenarios.map(({ name }) => name).sort()).toEqual(modules('demo/scenarios'));
  });
});

describe('the README', () => {
  it('names every scenario with the outcome that it promises', () => {
    for (const { name, promise } of scenarios) expect(read('README.md')).toContain(`| \`${name}\` | \`${promise}\` |`);
  });
});
