import { describe, expect, it, onTestFinished } from 'vitest';
import { deliverLab, type DeliverLab, type Files, shortWindow } from '../support/deliver-lab.ts';
import { agreed, writesIn } from '../terraform/real/deliver-lab.ts';

const edited = (edit: (text: string) => string): Files => ({ 'guests/frigate.yaml': edit });
const camera = (to: string) => edited((text) => text.replace('tags: [camera]', to));

describe('tags and protection of a guest', () => {
  it('are set live with the digest, both in one pull request, and verified', async () => {
    const lab = await ready({ tags: 'camera;community-script' });
    const number = await agreed(lab, 'mark', camera('tags: [camera, coral]\nprotection: true'), 'golden/tag-guest.md');
    expect(await lab.run()).toEqual([
      '#1 applied: frigate tagged camera, community-script, coral; frigate protected',
      '#1 verified: frigate runs with tags camera, community-script, coral, protection true',
    ]);
    expect(configOf(lab)).toMatchObject({ tags: 'camera;community-script;coral', protection: 1 });
    expect(writesIn(lab)).toEqual(['PUT /nodes/pve1/lxc/202/config', 'PUT /nodes/pve1/lxc/202/config']);
    const digests = lab.lab.pve.requests
      .filter(({ method }) => method === 'PUT')
      .map((one) => one.parameters['digest']);
    expect(digests).toEqual([expect.any(String), expect.any(String)]);
    expect(await lab.record(number)).toMatchObject({
      steps: [
        { action: 'set tags camera, community-script, coral', undo: 'set tags camera, community-script' },
        { action: 'protect it', undo: 'take its protection away' },
      ],
    });
    expect(await lab.pass()).toMatchObject({ events: [], waiting: [] });
  });

  it('that all go leave no key behind', async () => {
    const lab = await ready({ tags: 'camera' });
    await agreed(lab, 'bare', camera('tags: []'));
    expect((await lab.run()).at(-1)).toBe('#1 verified: frigate runs with tags (none)');
    expect(configOf(lab)).not.toHaveProperty('tags');
  });

  it('that are so already lead to no step', async () => {
    const lab = await ready({ tags: 'camera;coral', protection: 1 });
    const number = await agreed(lab, 'mark', camera('tags: [camera, coral]\nprotection: true'));
    await lab.run();
    expect(writesIn(lab)).toEqual([]);
    expect((await lab.record(number))?.outcome).toBe('verified');
  });

  it('are planned again where somebody tags the guest in between', async () => {
    const lab = await ready({ tags: 'camera' });
    await agreed(lab, 'mark', camera('tags: [camera, coral]'));
    Object.assign(configOf(lab), { tags: 'camera;mine' });
    expect((await lab.run())[0]).toMatch(/^#1 not-applied \(stale\): tags of frigate is "camera, mine" on pve1/);
    expect(writesIn(lab)).toEqual([]);
  });

  it('have a way back where they do not stay', async () => {
    const lab = await ready({ tags: 'camera' });
    await agreed(lab, 'mark', camera('tags: [camera, coral]'));
    await lab.pass();
    Object.assign(configOf(lab), { tags: 'camera' });
    expect((await lab.run())[0]).toMatch(
      /not-verified: what is live is no longer what was applied: tags camera, coral →/,
    );
    const back = (await lab.open()).get('revert');
    await lab.pusher.fetch();
    expect((await lab.pusher.tree(back?.head ?? '')).get('guests/frigate.yaml')).toContain('tags: [camera]');
  });
});

async function ready(config: object): Promise<DeliverLab> {
  const lab = await deliverLab({ begin: shortWindow });
  onTestFinished(async () => {
    expect(await lab.close()).toEqual([]);
  });
  Object.assign(lab.lab.pve.world.guests.get(202)?.config ?? {}, config);
  for (const { id, acl } of lab.lab.pve.world.tokens.values())
    if (id.endsWith('!write')) acl['/'] = [...(acl['/'] ?? []), 'VM.Config.Options'];
  return lab;
}

function configOf(lab: DeliverLab): object {
  return lab.lab.pve.world.guests.get(202)?.config ?? {};
}
