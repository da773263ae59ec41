import { describe, expect, it } from 'vitest';
import { homeTokens, type Pve } from '../../../simulators/pve/index.ts';
import { ask, type PveAnswer } from '../../support/pve-client.ts';
import { pveLab } from '../../support/pve-lab.ts';

const nightly = { id: 'nightly', schedule: '02:30', storage: 'local' };

const send = (pve: Pve, method: string, values: Record<string, string | number>, path = ''): Promise<PveAnswer> =>
  ask(pve, method, `/cluster/backup${path}`, values, { token: homeTokens.admin });

describe('a backup job', () => {
  it('is on unless told, and shows what it keeps as an object', async () => {
    const pve = await pveLab();
    await send(pve, 'POST', {
      ...nightly,
      all: 1,
      'prune-backups': 'keep-daily=7,keep-weekly=4',
      fleecing: 'enabled=1',
    });
    const job = {
      ...{ id: 'nightly', type: 'vzdump', schedule: '02:30', storage: 'local', all: 1, enabled: 1 },
      ...{ 'prune-backups': { 'keep-daily': 7, 'keep-weekly': 4 }, fleecing: { enabled: 1 } },
    };
    expect((await send(pve, 'GET', {}, '/nightly')).record).toEqual(job);
    expect((await send(pve, 'GET', {})).list).toEqual([job]);
  });

  it.each([
    [{}, { vmid: 'property is missing' }],
    [{ all: 1, vmid: '200' }, { all: "option conflicts with option 'vmid'" }],
    [{ exclude: '201', vmid: '200' }, { exclude: "option conflicts with option 'vmid'" }],
  ])('that backs up %o is refused', async (values, errors) => {
    const pve = await pveLab();
    expect(await send(pve, 'POST', { ...nightly, ...values })).toMatchObject({ status: 400, json: { errors } });
  });

  it('of a pool needs the pool', async () => {
    const pve = await pveLab();
    expect((await send(pve, 'POST', { ...nightly, pool: 'media' })).message).toBe("pool 'media' does not exist");
  });

  it('that names a pool instead of guests no longer names guests', async () => {
    const pve = await pveLab();
    await ask(pve, 'POST', '/pools', { poolid: 'media' }, { token: homeTokens.admin });
    await send(pve, 'POST', { ...nightly, vmid: '200,201', mode: 'stop' });
    await send(pve, 'PUT', { pool: 'media', delete: 'mode' }, '/nightly');
    const { record } = await send(pve, 'GET', {}, '/nightly');
    expect(record).toEqual({ type: 'vzdump', enabled: 1, ...nightly, pool: 'media' });
  });

  it('has an id of its own, and is gone after it was deleted', async () => {
    const pve = await pveLab();
    await send(pve, 'POST', { ...nightly, all: 1 });
    expect((await send(pve, 'POST', { ...nightly, all: 1 })).message).toBe("Job 'nightly' already exists");
    await send(pve, 'DELETE', {}, '/nightly');
    const none = { status: 400, json: { errors: { id: "No such job 'nightly'" } } };
    expect(await send(pve, 'GET', {}, '/nightly')).toMatchObject(none);
    expect(await send(pve, 'DELETE', {}, '/nightly')).toMatchObject(none);
  });

  it('is looked at with Sys.Audit, and made with Sys.Modify on /', async () => {
    const pve = await pveLab();
    expect((await ask(pve, 'GET', '/cluster/backup', {}, { token: homeTokens.read })).status).toBe(200);
    expect((await ask(pve, 'POST', '/cluster/backup', { ...nightly, all: 1 })).message).toBe(
      'Permission check failed (/, Sys.Modify)',
    );
  });
});
