import { describe, expect, it } from 'vitest';
import { reachedFrom } from '../../src/terraform/reached.ts';

const stack = {
  '//': { metadata: { stackName: 'guests' } },
  terraform: { backend: { local: { path: '../../../guests.tfstate' } } },
  provider: { proxmox: [{}] },
  import: [
    { to: 'container.web', id: 'pve1/200' },
    { to: 'container.db', id: 'pve1/201' },
    { to: 'container.gone', id: 'pve1/209' },
  ],
  resource: {
    container: {
      web: { vm_id: 200, pool_id: '${pool.media.pool_id}', depends_on: ['container.proxy'] },
      db: { vm_id: 201 },
      proxy: { vm_id: 202, template: '${file.debian-13.id}' },
    },
    pool: { media: { pool_id: 'media' }, lab: { pool_id: 'lab' } },
    file: { 'debian-13': { url: 'http://download.proxmox.com/a.tar.zst' }, debian: { url: 'b' } },
  },
};

const addressesIn = (one: object): string[] =>
  Object.entries((one as typeof stack).resource).flatMap(([type, named]) =>
    Object.keys(named).map((name) => `${type}.${name}`),
  );

describe('what a plan at one address reaches', () => {
  it('is the resource, what it refers to and depends on, and what those do', () => {
    expect(addressesIn(reachedFrom(stack, 'container.web'))).toEqual([
      ...['container.web', 'container.proxy', 'pool.media', 'file.debian-13'],
    ]);
  });

  it('of one that stands alone is that one, with everything that is no resource', () => {
    const { resource, import: blocks, ...rest } = stack;
    expect(reachedFrom(stack, 'container.db')).toEqual({
      ...rest,
      resource: { container: { db: resource.container.db } },
      import: blocks.slice(1),
    });
  });

  it('holds what anything outside of resources refers to', () => {
    const output = { address: { value: '${ container . proxy .vm_id}' } };
    expect(addressesIn(reachedFrom({ ...stack, output }, 'container.db'))).toEqual([
      ...['container.db', 'container.proxy', 'file.debian-13'],
    ]);
  });

  it('has no list of imports where none is left', () => {
    const one = { ...stack, import: [{ to: 'container.web', id: 'pve1/200' }] };
    expect(reachedFrom(one, 'container.db')).not.toHaveProperty('import');
  });

  it('goes in a circle once', () => {
    const circle = { resource: { a: { one: { x: '${a.two.x}' }, two: { x: '${a.one.x}' }, three: {} } } };
    expect(addressesIn(reachedFrom(circle, 'a.one'))).toEqual(['a.one', 'a.two']);
  });

  it.each([
    ['an address that is not there', stack, 'container.none'],
    ['a stack without resources', { terraform: {} }, 'container.web'],
    ['resources in a form that is not cdktn’s', { resource: [{ container: {} }] }, 'container.web'],
  ])('of %s is everything', (_, config, address) => {
    expect(reachedFrom(config, address)).toBe(config);
  });
});
