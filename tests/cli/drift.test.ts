import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { homeTokens } from '../../simulators/pve/index.ts';
import { cli, type Said } from '../support/deliver-cli.ts';
import { type DeliverLab, deliverLab, shortWindow } from '../support/deliver-lab.ts';

describe('drift at the terminal', () => {
  let lab: DeliverLab;
  const said: { [step: string]: Said } = {};

  beforeAll(async () => {
    lab = await deliverLab({ begin: shortWindow });
    const state = { GITMEND_STATE: lab.lab.env.read['GITMEND_STATE'] ?? '' };
    const call = (...words: string[]) =>
      cli(
        { directory: lab.lab.clone, clock: lab.clock, env: { ...state, GITMEND_PVE_READ: homeTokens.read } },
        ...words,
      );
    said['drift of none'] = await call('drift');
    said['restore of none'] = await call('restore', 'postgres');
    lab.setLive(200, { memory: 4096 });
    lab.lab.pve.world.guests.delete(202);
    said['drift, first look'] = await call('drift');
    said['status, first look'] = await call('status');
    lab.clock.advance(600_000);
    said['drift, second look'] = await call('drift');
    said['status'] = await call('status');
    said['restore'] = await call('restore', 'lxc/200');
    said['restore of a guest that is gone'] = await call('restore', 'frigate');
    said['restore of no guest'] = await call('restore', 'mysql');
    lab.lab.pve.faults.inject({ fault: 'error-500', path: /\/lxc\/201\/config$/, count: 9 });
    said['drift, not all seen'] = await call('drift');
    said['drift with the variable of the runner alone'] = await cli(
      { directory: lab.lab.clone, clock: lab.clock, env: { ...state, GITMEND_PVE_WRITE: homeTokens.write } },
      'drift',
    );
  }, 60_000);
  afterAll(async () => expect(await lab.close()).toEqual([]));

  const differs = 'postgres (lxc/200 on pve1): memory 4096 MiB is live, 2048 is declared';
  const gone = 'frigate (lxc/202) is not on cluster home any more';

  it.each<[string, number, string | RegExp]>([
    ['drift of none', 0, 'no drift: what is live is as declared\n'],
    ['restore of none', 1, 'not restored (nothing-to-restore): postgres is as declared\n'],
    [
      'drift, first look',
      0,
      `settling    ${gone}; looked at again after 2026-11-20 03:44Z\nsettling    ${differs}; looked at again after 2026-11-20 03:44Z\n`,
    ],
    ['status, first look', 0, 'everything that is declared is applied; nothing is open\n'],
    ['drift, second look', 0, `opened      ${gone}; #1\nopened      ${differs}; #2\n`],
    [
      'status',
      1,
      `drift       ${differs}, since 2026-11-20 03:34Z\ndrift       frigate (lxc/202) is not there any more, since 2026-11-20 03:34Z\nopen        #1 frigate: accept that it is gone from home\nopen        #2 postgres: accept memory 4096 MiB as it is on pve1\n`,
    ],
    [
      'restore',
      0,
      /^#3 postgres: restore memory 2048 MiB as declared\n#3 planned: postgres memory 4096 → 2048 MiB; dry run accepted$/m,
    ],
    [
      'restore of a guest that is gone',
      1,
      `not restored (nothing-to-restore): frigate is not on cluster home any more, and gitmend makes no guest from a backup\n  next: pct restore 202 BACKUP; or accept that it is gone: gitmend import --remove-gone\n`,
    ],
    ['restore of no guest', 2, ''],
    ['drift, not all seen', 1, /^unseen {6}nextcloud could not be looked at: PVE_/m],
    ['drift with the variable of the runner alone', 1, ''],
  ])('%s: exit %i', (step, code, out) => {
    expect(said[step]?.code, said[step]?.err).toBe(code);
    if (typeof out === 'string') expect(said[step]?.out).toBe(out);
    else expect(said[step]?.out).toMatch(out);
  });

  it('names a guest as in guests/, and asks for the variable of its role alone', () => {
    expect(said['restore of no guest']?.err).toContain('"mysql" is no guest that is declared here');
    expect(said['drift with the variable of the runner alone']?.err).toContain('GITMEND_PVE_READ is not set');
  });
});
