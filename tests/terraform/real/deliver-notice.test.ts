import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type DeliverLab, set } from '../../support/deliver-lab.ts';
import { instead, terraformHome, writesIn } from './deliver-lab.ts';
import { hasTerraform } from './lab.ts';

const memory = { 'guests/nextcloud.yaml': set('memory', 8192) };

describe.skipIf(!hasTerraform())('after more memory through the API, with the real provider', () => {
  it('the state takes notice, nothing else is sent, and there is nothing to say', async () => {
    const lab = await terraformHome();
    const startedAt = lab.lab.pve.world.guests.get(201)?.startedAt;
    // The state knows the guest from the disk that grew before.
    const first = await lab.propose('more-room', { 'guests/nextcloud.yaml': instead('size: 64', 'size: 80') });
    await lab.plan(first);
    await lab.merge(first);
    await lab.run();
    const before = writesIn(lab).length;
    const number = await lab.propose('more-memory', memory);
    await lab.plan(number);
    await lab.merge(number);
    expect((await lab.run()).at(-1)).toBe(`#${number} verified: nextcloud runs with memory 8192 MiB`);
    expect(writesIn(lab).slice(before)).toEqual(['PUT /nodes/pve1/lxc/201/config']);
    expect(lab.lab.pve.world.guests.get(201)?.startedAt).toBe(startedAt);
    expect(stateOf(lab)).toMatch(/"dedicated": 8192/);
    expect((await lab.comments(number)).map(({ body }) => body).join('\n')).not.toContain('Note:');
  });

  it('a state that does not know the guest yet has nothing to learn', async () => {
    const lab = await terraformHome();
    const number = await lab.propose('more-memory', memory);
    await lab.plan(number);
    await lab.merge(number);
    expect((await lab.run()).at(-1)).toBe('#1 verified: nextcloud runs with memory 8192 MiB');
    expect((await lab.comments(number)).map(({ body }) => body).join('\n')).not.toContain('Note:');
  });

  it('what Terraform would still change is a note, and the run is verified all the same', async () => {
    const lab = await terraformHome();
    await lab.plan();
    await lab.push('main', { 'guests/nextcloud.yaml': set('cores', 7) });
    const number = await lab.propose('more-memory', memory);
    await lab.plan(number);
    await lab.merge(number);
    const said = await lab.run();
    expect(said).toContain('#1 verified: nextcloud runs with memory 8192 MiB');
    expect((await lab.comments(number)).map(({ body }) => body).join('\n')).toMatch(
      /\*\*Verified\*\*.*\n\nNote: Terraform would still change nextcloud: .*cpu\.cores 2 → 7/,
    );
    expect(lab.live(201, 'cores')).toBe(2);
  });
});

/** The one local state below gitmend's own folder. */
function stateOf({ lab }: DeliverLab): string {
  const root = join(lab.folder, 'state');
  const [path = ''] = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((one) =>
    one.endsWith('guests.tfstate'),
  );
  return readFileSync(join(root, path), 'utf8');
}
