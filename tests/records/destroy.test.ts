import { describe, expect, it } from 'vitest';
import { type DestroyWords, printDestroy } from '../../src/records/destroy.ts';
import { parsePullRequest } from '../../src/records/pull-request.ts';
import { expectGolden } from './golden.ts';

const frigate = { name: 'frigate', where: 'lxc/202 on pve1', file: 'guests/frigate.yaml', gone: false };
const old = { name: 'old', where: 'lxc/190', file: 'guests/old.yaml', gone: true };
const words = (guests: DestroyWords['guests'], chosen = ''): DestroyWords => ({
  ...{ chosen, fingerprint: '1e899ced99fd', guests },
});

describe('the pull request that destroys guests', () => {
  it('reads well', () => {
    const { title, body } = printDestroy(words([frigate, old], 'tagged spare'));
    expect(title).toBe('2 guests tagged spare: destroy');
    expectGolden('destroy.md', body);
  });

  it('says what goes with them out of other files, and which name them still', () => {
    const taken = [{ file: 'ansible/inventory.yaml', what: ['frigate'] }];
    const named = Array.from({ length: 13 }, (_, at) => ({
      file: `dns/${at}.yaml`,
      lines: [1, 2, 3, 4, 5].slice(0, at),
    }));
    const { body } = printDestroy({ ...words([frigate]), taken, named: named.slice(1) });
    expect(body).toContain('Taken out with them: `ansible/inventory.yaml` (frigate).');
    expect(body).toMatch(
      /left to a person: `dns\/1\.yaml:1`, `dns\/2\.yaml:1, 2`.* `dns\/5\.yaml:1, 2, 3, 4 …`.*12\.yaml:[^,]*, 2, 3, 4 …`\.$/m,
    );
    expect(printDestroy({ ...words([frigate]), named }).body).toContain('and 1 more file.');
  });

  it('is titled by its one guest, and says where nothing but a file goes', () => {
    expect(printDestroy(words([frigate])).title).toBe('frigate: destroy lxc/202 on pve1');
    const { title, body } = printDestroy(words([old]));
    expect(title).toBe('old: remove its file, lxc/190 is gone');
    expect(body).toContain('Nothing changes in Proxmox VE.');
    expect(printDestroy(words([])).title).toBe('nothing is destroyed');
  });

  it('is the same proposal for the same guests, in any order and wherever they are, and another one for others', () => {
    const proposed = [[frigate, old], [old, { ...frigate, where: 'lxc/202 on pve2' }], [frigate]].map(
      (guests) => parsePullRequest(printDestroy(words(guests)).body)?.proposed,
    );
    expect(proposed[0]).toBe(proposed[1]);
    expect(proposed[2]).not.toBe(proposed[0]);
    expect(parsePullRequest(printDestroy(words([frigate])).body)).toMatchObject({ kind: 'destroy', remedy: 'destroy' });
  });
});
