import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { plannerOf, planners, predicateOf } from '../../src/planners/index.ts';

const folder = new URL('../../src/planners/', import.meta.url);

describe('the registry of remedies', () => {
  it('is equal to the folders beside it, each with its readme', () => {
    const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(planners.map(({ name }) => name).sort()).toEqual(folders.map(({ name }) => name).sort());
    for (const { name } of folders) expect(readdirSync(new URL(`${name}/`, folder))).toContain('README.md');
  });

  it('finds a remedy, and no other', () => {
    expect(plannerOf('resize-guest')?.kind).toBe('declarative');
    expect(plannerOf('apply-declared')?.kind).toBe('one-shot');
    expect(plannerOf('resize')).toBeUndefined();
  });

  it('tells success by the remedy’s own predicate, else by the default one', () => {
    expect(predicateOf('resize-guest').name).toBe('resize-guest');
    expect(predicateOf('apply-declared').name).toBe('default');
    for (const name of ['default', 'revert', 'accept', 'undo', '']) expect(predicateOf(name).name).toBe('default');
  });

  it('takes parameters by their schema only', () => {
    const resize = plannerOf('resize-guest')!.parameters;
    expect(resize.safeParse({ memory: 3072 }).success).toBe(true);
    for (const wrong of [{}, { memory: '3072' }, { memory: 1.5 }, { memory: 8 }, { cores: 0 }, { disk: 1 }])
      expect(resize.safeParse(wrong).success).toBe(false);
    const apply = plannerOf('apply-declared')!.parameters;
    expect(apply.safeParse({ fields: ['memory'] }).success).toBe(true);
    for (const wrong of [{ fields: [] }, { fields: ['tags'] }]) expect(apply.safeParse(wrong).success).toBe(false);
  });
});
