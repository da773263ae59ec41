import { describe, expect, it } from 'vitest';
import { emptyFile, opened } from '../../store/engines.ts';
import { lockText, readPassword, stateDoor, writePassword, key } from '../../serve/door/state-lab.ts';
import { testClock } from '../../support/test-clock.ts';
import { diskOf, instead, planOf, terraformHome } from './deliver-lab.ts';
import { hasTerraform } from './lab.ts';

/** A home whose stack says that this door keeps its state, and whose roles know their own password. */
async function stateHome(elsewhere = false) {
  const clock = testClock();
  const store = await opened({ ...(await emptyFile()), clock });
  const door = await stateDoor({ store, clock });
  const address = `${door.url}/terraform/state/guests`;
  const backend = `new HttpBackend(this, { address: '${address}', lockAddress: '${address}', unlockAddress: '${address}' });`;
  const code = (text: string): string =>
    instead(
      'new LocalBackend(this, { path: `../../../${name}.tfstate` });',
      backend,
    )(
      instead(
        "import { LocalBackend, TerraformStack } from 'cdktn';",
        "import { HttpBackend, TerraformStack } from 'cdktn';",
      )(text),
    );
  const url = elsewhere ? 'http://127.0.0.1:1' : door.url;
  const state = `{ url: "${url}", read: env:S_READ, write: env:S_WRITE, key: env:S_KEY }`;
  const secrets = { S_READ: readPassword, S_WRITE: writePassword, S_KEY: key };
  const lab = await terraformHome({ state }, { 'stacks/guests-stack.ts': code }, secrets);
  return { lab, door, store };
}

const larger = { 'guests/nextcloud.yaml': instead('size: 64', 'size: 80') };

describe.skipIf(!hasTerraform())('a step of Terraform whose state gitmend serve keeps, with the real provider', () => {
  it('is planned by the user read, applied by the user write, and the state is there for both', async () => {
    const { lab, door, store } = await stateHome();
    const number = await lab.propose('more-room', larger);
    await lab.plan(number);
    expect(await planOf(lab, number)).toContain('disk 64 → 80 GiB');
    // A plan locks and lets go, and writes nothing.
    expect(await store.states.list()).toEqual({ versions: [], locks: [] });
    expect(lockers(door.logged)).toEqual(['read']);
    await lab.merge(number);
    expect(await lab.run()).toContain('#1 verified: nextcloud runs with disk 80 GiB');
    expect(diskOf(lab, 201)).toBe(80);
    const { versions, locks } = await store.states.list();
    expect([versions[0]?.stack, versions.length > 0, locks]).toEqual(['guests', true, []]);
    expect(lockers(door.logged)).toEqual(['read', 'write']);
    expect(door.logged.filter((line) => line.includes('state-refused'))).toEqual([]);
  });

  it('shows its password to no other door, though the stack names one', async () => {
    const { lab, door } = await stateHome(true);
    const number = await lab.propose('more-room', larger);
    await lab.plan(number);
    expect(await planOf(lab, number)).toContain('terraform-backend-denied');
    expect(await door.sample('gitmend_terraform_state_requests_total{method="GET",result="password"}')).toBe(1);
    expect(door.logged.filter((line) => !line.includes('"reason":"password"'))).toEqual([]);
  });

  it('is refused while somebody else holds the state, who is named', async () => {
    const { lab, door } = await stateHome();
    await door.ask('LOCK', 'guests', { body: lockText('alice-1') });
    const number = await lab.propose('more-room', larger);
    await lab.plan(number);
    expect(await planOf(lab, number)).toMatch(
      /the state is locked by alice@&#8203;desk \(OperationTypeApply, since 2026-11-20T03:00:00Z, lock alice-1\)/,
    );
  });
});

/** By which users the state was locked. */
function lockers(logged: readonly string[]): string[] {
  const lines = logged.map((line) => JSON.parse(line) as { event: string; user?: string });
  return [...new Set(lines.flatMap(({ event, user = '' }) => (event === 'state-locked' ? [user] : [])))];
}
