import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guestFields } from '../../../src/core/declared-guest.ts';
import { changedFields, groupOf, isSizeField, liveMatches, overlay } from '../../../src/declarations/guest/index.ts';
import { declared, declaredVm, live, liveVm, without } from './examples.ts';

const anyGuest = fc
  .record({
    cores: fc.integer({ min: 1, max: 8 }),
    memory: fc.integer({ min: 1, max: 8 }),
    swap: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
  })
  .map(({ swap, ...size }) => {
    const guest = without(declared(size), 'swap');
    return swap === undefined ? guest : { ...guest, swap };
  });

describe('the fields in which two declarations differ', () => {
  it('stand in the order of the file, and the name of the file is none', () => {
    const other = declared({
      file: 'guests/db.yaml',
      tags: [],
      memory: 3072,
      disk: { storage: 'local-lvm', size: 64 },
      name: 'db',
    });
    expect(changedFields(declared(), other)).toEqual(['name', 'memory', 'disk', 'tags']);
    expect(changedFields(declared(), declared({ file: 'x' }))).toEqual([]);
  });

  it('are found where one side does not declare the field at all', () => {
    expect(changedFields(declared(), without(declared(), 'swap'))).toEqual(['swap']);
  });

  it('do not depend on the order of keys', () => {
    expect(changedFields(declared(), declared({ disk: { size: 32, storage: 'local-lvm' } }))).toEqual([]);
  });

  it('all overlaid on the old one give the new one, and none of them give the old one', () => {
    fc.assert(
      fc.property(anyGuest, anyGuest, (a, b) => {
        expect(overlay(a, changedFields(a, b), b)).toEqual(b);
        expect(overlay(a, [], b)).toEqual(a);
        expect(overlay(undefined, [], b)).toBe(b);
      }),
    );
  });

  it('overlaid one by one leave every other field as it was', () => {
    const result = overlay(declared(), ['memory'], declared({ memory: 3072, cores: 4, file: 'guests/new.yaml' }));
    expect(result).toEqual(declared({ memory: 3072, file: 'guests/new.yaml' }));
  });
});

describe('what is live otherwise than declared', () => {
  it('is named with both values', () => {
    expect(liveMatches(declared({ memory: 3072, cores: 4 }), live())).toEqual([
      { field: 'memory', declared: 3072, live: 2048 },
      { field: 'cores', declared: 4, live: 2 },
    ]);
    expect(liveMatches(declared(), live())).toEqual([]);
  });

  it('is also what Proxmox VE has no value for, but never what is not declared', () => {
    expect(liveMatches(declared(), live({ running: { memory: 2048, swap: 512 } }))).toEqual([
      { field: 'cores', declared: 2, live: undefined },
    ]);
    expect(liveMatches(declaredVm(), liveVm({ running: { cores: 2, memory: 2048, swap: 7 } }))).toEqual([]);
  });

  it('does not look at what waits for a restart', () => {
    expect(liveMatches(declaredVm(), liveVm({ pending: { memory: 4096 } }))).toEqual([]);
  });
});

describe('fields', () => {
  it('are each a group of their own, because memory and cores are two faults', () => {
    expect(guestFields.map(groupOf)).toEqual([...guestFields]);
  });

  it('of the size are memory, swap and cores', () => {
    expect(guestFields.filter(isSizeField)).toEqual(['cores', 'memory', 'swap']);
  });
});
