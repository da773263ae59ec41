import { describe, expect, it } from 'vitest';
import { examineStateDoor } from '../../src/doctor/state-door.ts';
import { accessOf, otherKey, readPassword, stateDoor, stateText, writePassword } from '../serve/door/state-lab.ts';
import { emptyFile, opened } from '../store/engines.ts';
import { testClock } from '../support/test-clock.ts';

async function standing() {
  const clock = testClock();
  const lab = { store: await opened({ ...(await emptyFile()), clock }), clock };
  return { lab, door: await stateDoor(lab) };
}

/** What is found of a stack whose state this door keeps. */
async function found(url: string, env: { [name: string]: string }, role: 'read' | 'write' = 'read') {
  const [read, write, key] = ['S_READ', 'S_WRITE', 'S_KEY'].map((name) => ({ env: name }));
  if (read === undefined || write === undefined || key === undefined) throw new Error('three names');
  const stacks = { guests: { terraform: { backend: { http: { address: `${url}/terraform/state/guests` } } } } };
  const findings = await examineStateDoor({ role, env }, stacks, { state: { url, read, write, key, formerKeys: [] } });
  return findings.map(({ level, what }) => `${level} ${what.replace(url, 'URL')}`);
}

describe('of the door for states doctor says', () => {
  it('that it opens to the role, that it does not know the password, and that it does not answer', async () => {
    const { door } = await standing();
    const env = { S_READ: readPassword, S_WRITE: `${writePassword}\n` };
    expect(await found(door.url, env)).toEqual(['ok URL opens to the user read']);
    expect(await found(door.url, env, 'write')).toEqual(['ok URL opens to the user write']);
    expect(await found(door.url, { S_READ: 'wrong' })).toEqual(['fault URL does not know the password in S_READ']);
    await door.stop();
    expect((await found(door.url, env))[0]).toMatch(/^warn URL does not answer \([A-Z_]+\), so no plan can be made$/);
  });

  it('that a state does not open, and nothing where no password is set', async () => {
    const { lab, door } = await standing();
    await door.ask('POST', 'guests', { body: stateText(1) });
    const other = await stateDoor(lab, accessOf({ KEY: otherKey }));
    expect(await found(other.url, { S_READ: readPassword })).toEqual(['fault URL answers 500 for the state of guests']);
    expect(await found(other.url, {})).toEqual([]);
  });
});
