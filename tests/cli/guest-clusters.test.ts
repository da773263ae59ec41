import { describe, expect, it } from 'vitest';
import { guestLab } from './guest-lab.ts';

/** Another cluster, whose variable is not set in these tests. */
const away =
  '  - { name: away, endpoint: "https://pve9.home.lan:8006", ca: certs/away.pem, read: env:GITMEND_AWAY_READ }\n';
const guest = (text: string) =>
  text.replace('name: gitea', 'name: remote').replace('cluster: home', 'cluster: away').replace('204', '104');

describe('gitmend guest list, of two clusters', () => {
  it('lists the one that can be asked, says which was not, and ends with 1', async () => {
    const config = (text: string) => text.replace(/^clusters:\n/m, (line) => `${line}${away}`);
    const lab = await guestLab({ 'gitmend.yaml': config });
    const gitea = (await lab.files('main')).get('guests/gitea.yaml') ?? '';
    await lab.push('main', { 'guests/remote.yaml': guest(gitea), 'guests/frigate.yaml': null }, 'away');
    const why = 'ENV_MISSING: GITMEND_AWAY_READ is not set: the read token of cluster away';
    const said = await lab.call('list');
    expect([said.code, said.err]).toEqual([1, `not asked: cluster away (${why})\n`]);
    const states = said.out.split('\n').map((line) => /^(\S+) .*?(?: {2}(\w+): .*)?$/.exec(line)?.slice(1));
    expect(states).toEqual([
      ['gitea', undefined],
      ['homeassistant', undefined],
      ['nextcloud', undefined],
      ['postgres', undefined],
      ['remote', 'unseen'],
      ['frigate', 'undeclared'],
      undefined,
    ]);
    const json = await lab.call('list', '--json');
    const rows = JSON.parse(json.out) as { name: string; why: string }[];
    expect([json.code, rows.find(({ name }) => name === 'remote')?.why]).toEqual([1, why]);
    const alone = await lab.call('list', '--tag', 'web');
    expect([alone.code, alone.err, alone.out]).toEqual([0, '', expect.stringMatching(/^nextcloud /)]);
  });
});
