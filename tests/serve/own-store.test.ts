import { globSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/cli/clock.ts';
import { thisMachine } from '../../src/ledger/holder.ts';
import { addPersonTo } from '../../src/serve/add-person.ts';
import { printHolder } from '../../src/serve/holder.ts';
import { startServe } from '../../src/serve/index.ts';
import { openStore } from '../../src/store/index.ts';
import { doorLab, served, setupOf } from './served.ts';

describe('gitmend serve', () => {
  it('is not ready, and keeps nothing, once its state folder was deleted', async () => {
    const one = await served();
    const [file = ''] = globSync(`${one.setup.env['GITMEND_STATE']}/*/serve.sqlite`);
    await rm(file);
    const delivered = await one.alert();
    expect([delivered.status, await delivered.text()]).toEqual([503, expect.stringMatching(/^STORE_GONE: /)]);
    const ready = await fetch(`${one.machine}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { ready: false, store: `${file} is not there any more`, forge: 'ok' },
    ]);
  });
});

describe('a start after a kill', () => {
  it('lets wait again at once what the process that was killed had taken', async () => {
    const lab = await doorLab();
    const setup = setupOf(lab);
    await addPersonTo({ ...setup, name: 'maintainer', role: 'approver' });
    const [file = ''] = globSync(`${lab.folder}/state/*/serve.sqlite`);
    const store = await openStore({ file, clock: systemClock });
    const payload = await readFile(lab.payload, 'utf8');
    await store.inbox.accept({ door: 'alertmanager', id: 'one', payload, receivedAt: systemClock.now() });
    // Our own process id, with another start: nobody has it any more.
    await store.inbox.take(300, printHolder({ ...(await thisMachine()), started: '1' }));
    await store.close();
    const serving = await startServe(setup);
    onTestFinished(() => serving.stop());
    const events = setup.logged.map((line) => JSON.parse(line) as { event: string });
    expect(events).toContainEqual(expect.objectContaining({ event: 'released', released: 1 }));
  });
});
