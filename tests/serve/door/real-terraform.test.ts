import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../../src/appliers/terraform/failure.ts';
import { GitmendError } from '../../../src/core/errors.ts';
import { answers, needs } from '../../support/needs.ts';
import { emptyFile, freshStore, onBothEngines, opened } from '../../store/engines.ts';
import { testClock } from '../../support/test-clock.ts';
import { accessOf, lockText, otherKey, programs, stateDoor, workspace } from './state-lab.ts';

const there = needs('terraform', () => answers('terraform', ['version']));
const quiet = ['-input=false', '-no-color'];

onBothEngines('the state of a real Terraform at the door', (engine) => {
  it.skipIf(!there)('is begun, planned, applied and planned again, by the roles of gitmend', async () => {
    const lab = await freshStore(engine);
    const door = await stateDoor(lab);
    const stack = workspace(door);
    expect(await stack.run(['init', ...quiet], 'read')).toMatchObject({ code: 0 });
    expect((await stack.run(['plan', ...quiet, '-detailed-exitcode'], 'read')).code).toBe(2);
    expect((await stack.run(['apply', ...quiet, '-auto-approve'])).said).toContain('1 added');
    expect((await stack.run(['plan', ...quiet, '-detailed-exitcode'], 'read')).code).toBe(0);
    expect(await lab.store.states.list()).toMatchObject({ versions: [{ stack: 'guests', serial: 1 }], locks: [] });
    expect(await door.sample('gitmend_terraform_state_requests_total{method="POST",result="kept"}')).toBe(1);
    // The reader plans; what it would apply is refused, and nothing was changed.
    stack.write('second');
    const applied = await stack.run(['apply', ...quiet, '-auto-approve'], 'read');
    expect([applied.code, applied.said]).toEqual([1, expect.stringContaining('HTTP error: 403')]);
    expect(failureOf('terraform', 'apply', applied, [])).toMatchObject({ code: 'TERRAFORM_BACKEND_DENIED' });
    expect((await lab.store.states.list()).versions).toHaveLength(1);
  });

  it.skipIf(!there)(
    'is held by one at a time, says by which lock, and force-unlock of the user write ends it',
    async () => {
      const lab = await freshStore(engine);
      const door = await stateDoor(lab);
      const stack = workspace(door);
      await stack.run(['init', ...quiet]);
      expect((await door.ask('LOCK', 'guests', { body: lockText('6b2f-dead') })).status).toBe(200);
      const plan = await stack.run(['plan', ...quiet], 'read');
      expect(plan.said).toContain('HTTP remote state already locked: ID=6b2f-dead');
      // Terraform prints its own note there: it must not be taken for the holder's.
      const failure = failureOf('terraform', 'plan', plan, []);
      expect([failure.code, failure.message]).toEqual([
        'TERRAFORM_LOCKED',
        'terraform plan: the state is locked (lock 6b2f-dead), and by whom Terraform does not say',
      ]);
      expect((await stack.run(['force-unlock', '-force', '6b2f-dead'], 'read')).code).toBe(1);
      expect(await lab.store.states.lock('guests')).toMatchObject({ id: '6b2f-dead' });
      expect((await stack.run(['force-unlock', '-force', '6b2f-dead'])).code).toBe(0);
      expect((await stack.run(['plan', ...quiet], 'read')).code).toBe(0);
    },
  );
});

describe.skipIf(!there)('a real Terraform', () => {
  const standing = async () => {
    const lab = { store: await opened({ ...(await emptyFile()), clock: testClock() }), clock: testClock() };
    return { lab, door: await stateDoor(lab) };
  };

  it('is told by a code of gitmend’s that a password is wrong or a key is another', async () => {
    const { lab, door } = await standing();
    const stack = workspace(door);
    await stack.run(['init', ...quiet]);
    await stack.run(['apply', ...quiet, '-auto-approve']);
    const wrong = await stack.run(['plan', ...quiet], 'read', { TF_HTTP_PASSWORD: 'wrong' });
    expect(failureOf('terraform', 'plan', wrong, [])).toMatchObject({ code: 'TERRAFORM_BACKEND_DENIED' });
    await door.stop();
    const other = await stateDoor(lab, accessOf({ KEY: otherKey }), door.port);
    const sealed = await stack.run(['plan', ...quiet], 'read');
    expect(failureOf('terraform', 'plan', sealed, [])).toMatchObject({ code: 'TERRAFORM_BACKEND_UNREACHABLE' });
    expect(other.logged.join('\n')).toMatch(
      /"code":"TERRAFORM_STATE_SEALED","message":"the state of guests was sealed with the key/,
    );
  });

  it('asks again where the answer to a write was lost, and the write is kept once', async () => {
    const { store } = (await standing()).lab;
    let lost = 0;
    const inTurn: typeof store.states.inTurn = async (stack, work) => {
      const before = (await store.states.list()).versions.length;
      const answer = await store.states.inTurn(stack, work);
      const written = (await store.states.list()).versions.length > before;
      // It is on the disk, and whoever asked never hears of it.
      if (written && (lost += 1) === 1) throw new GitmendError('STORE_UNREACHABLE', 'gone in between');
      return answer;
    };
    const door = await stateDoor({ store: { ...store, states: { ...store.states, inTurn } }, clock: testClock() });
    const stack = workspace(door, { retries: 1 });
    await stack.run(['init', ...quiet]);
    expect((await stack.run(['apply', ...quiet, '-auto-approve'])).code).toBe(0);
    expect(lost).toBe(1);
    expect(await store.states.list()).toMatchObject({ versions: [{ serial: 1 }], locks: [] });
    expect(await door.sample('gitmend_terraform_state_requests_total{method="POST",result="kept-already"}')).toBe(1);
  });

  it('brings a state from elsewhere, and an older one only where it is said', async () => {
    const { lab, door } = await standing();
    const stack = workspace(door);
    await stack.run(['init', ...quiet]);
    await stack.run(['apply', ...quiet, '-auto-approve']);
    const pulled = (await stack.run(['state', 'pull'])).stdout;
    writeFileSync(join(stack.folder, 'old.tfstate'), pulled);
    const moved = workspace(door, { stack: 'moved' });
    await moved.run(['init', ...quiet]);
    expect((await moved.run(['state', 'push', join(stack.folder, 'old.tfstate')])).code).toBe(0);
    // Terraform draws a lineage anew where it begins a state.
    expect(resourcesOf((await moved.run(['state', 'pull'])).stdout)).toEqual(resourcesOf(pulled));
    stack.write('second');
    await stack.run(['apply', ...quiet, '-auto-approve']);
    const pushed = await stack.run(['state', 'push', '-force', 'old.tfstate']);
    expect([pushed.code, pushed.said]).toEqual([1, expect.stringContaining('HTTP error: 409')]);
    const address = `-backend-config=address=${door.url}/terraform/state/guests?force=true`;
    expect((await stack.run(['init', ...quiet, '-reconfigure', address])).code).toBe(0);
    expect((await stack.run(['state', 'push', '-force', 'old.tfstate'])).code).toBe(0);
    const { versions } = await lab.store.states.list();
    expect(versions.filter(({ stack: name }) => name === 'guests')).toHaveLength(3);
    expect(door.logged.join('\n')).toContain('"forced":"yes"');
  });
});

describe('both programs', () => {
  it.each(programs)('%s asks by methods that this door knows', async (program) => {
    const lab = { store: await opened({ ...(await emptyFile()), clock: testClock() }), clock: testClock() };
    const door = await stateDoor(lab);
    const stack = workspace(door, { program });
    await stack.run(['init', ...quiet]);
    expect((await stack.run(['apply', ...quiet, '-auto-approve'])).code).toBe(0);
    for (const method of ['LOCK', 'UNLOCK'])
      expect(
        await door.sample(
          `gitmend_terraform_state_requests_total{method="${method}",result="${method.toLowerCase()}ed"}`,
        ),
      ).toBe(1);
  });
});

function resourcesOf(text: string): unknown {
  const { resources } = JSON.parse(text) as { resources: unknown[] };
  expect(resources).toHaveLength(1);
  return resources;
}
