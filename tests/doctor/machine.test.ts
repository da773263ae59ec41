import { describe, expect, it } from 'vitest';
import { examineMachine } from '../../src/doctor/machine.ts';
import type { Patient } from '../../src/doctor/index.ts';

async function machine(versions: { node?: string; git?: string }) {
  const { node = 'v24.0.0', git = 'git version 2.38.0' } = versions;
  const patient: Pick<Patient, 'node' | 'gitVersion' | 'stateFolder' | 'tryWriting'> = {
    node,
    gitVersion: () => Promise.resolve(`${git}\n`),
    stateFolder: '/state',
    tryWriting: () => Promise.resolve(),
  };
  const findings = await examineMachine(patient as Patient);
  return Object.fromEntries(
    findings.map(({ about, level, mend }) => [about, mend === '' ? level : `${level}: ${mend}`]),
  );
}

describe('gitmend doctor', () => {
  it.each(['2.38.0', '2.38', '2.39.5 (Apple Git-154)', '2.51.0.rc1', '3.0.0'])('takes git %s', async (version) => {
    expect(await machine({ git: `git version ${version}` })).toMatchObject({ git: 'ok' });
  });

  it.each(['2.37.9', '2.4.0', '2.9', '1.99.0', 'unknown'])('takes no git %s', async (version) => {
    expect(await machine({ git: `git version ${version}` })).toEqual({
      node: 'ok',
      git: 'fault: install git 2.38 or newer',
      'state folder': 'ok',
    });
  });

  it.each([
    ['v24.0.0', 'ok'],
    ['v26.1.0', 'ok'],
    ['v23.11.1', 'fault: install Node.js 24 or newer'],
    ['v9.0.0', 'fault: install Node.js 24 or newer'],
  ])('says of Node.js %s: %s', async (node, said) => {
    expect(await machine({ node })).toMatchObject({ node: said });
  });
});
