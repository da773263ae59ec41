import { describe, expect, it } from 'vitest';
import { grow, stage, token } from './support.ts';

const tag = (tags: string[]) =>
  grow({
    ...{ kind: 'tag-guest', action: { kind: 'tag-guest', tags } },
    ...{ before: { tags: '(none)' }, after: { tags: tags.join(', ') } },
  });

describe('an option of a guest', () => {
  it('is seen as done, as before, or as somebody else set it', async () => {
    const { applier, pve } = await stage();
    const { config } = pve.world.guests.get(200)!;
    delete config.tags;
    expect(await applier.observe(tag(['web']))).toMatchObject({ state: 'not-done' });
    config.tags = 'web';
    expect(await applier.observe(tag(['web']))).toMatchObject({
      state: 'done',
      saw: 'tags of postgres is web on pve1',
    });
    config.tags = 'mine';
    expect(await applier.observe(tag(['web']))).toMatchObject({
      state: 'unknown',
      saw: 'tags of postgres is mine on pve1, no longer the (none) that this plan started from',
    });
    expect((await applier.preview(tag(['web']))).notes).toEqual(['tags is mine on pve1, no longer (none)']);
  });

  it('is refused where it waits for a restart, and where the guest is locked', async () => {
    const { applier, pve } = await stage();
    const guest = pve.world.guests.get(200)!;
    Object.assign(guest.config, { lock: 'backup' });
    delete guest.config.tags;
    guest.pending = { tags: 'other' };
    expect((await applier.preview(tag(['web']))).notes).toEqual([
      'locked (backup)',
      'another value of tags waits for a restart on pve1 and did not come from here',
    ]);
  });

  it('is not written to a guest that changed behind the look', async () => {
    const { applier, pve, live, writes } = await stage();
    const seen = await live('home/lxc/200');
    pve.world.guests.get(200)!.config.description = 'other';
    await expect(applier.apply(tag(['web']), token(seen))).rejects.toMatchObject({ code: 'PVE_CONFLICT' });
    expect(writes()).toEqual([]);
  });
});
