import { expect, it } from 'vitest';
import { dispatchPlans } from '../../src/cli/ci-dispatch.ts';
import { GitmendError } from '../../src/core/errors.ts';

type Sent = [workflow: string, inputs: { readonly [name: string]: string }];

async function planned(numbers: number[], refused?: GitmendError): Promise<{ sent: Sent[]; said: string[] }> {
  const sent: Sent[] = [];
  const said: string[] = [];
  const dispatch = (...one: Sent) => {
    sent.push(one);
    return refused === undefined ? Promise.resolve() : Promise.reject(refused);
  };
  const say = (text: string) => void said.push(text);
  await dispatchPlans(
    { print: say, warn: say },
    { ci: { dispatch, ended: () => Promise.resolve(undefined) } },
    numbers,
  );
  return { sent, said };
}

it('starts nothing where everything has a plan', async () => {
  expect(await planned([])).toEqual({ sent: [], said: [] });
});

it('names the one pull request that has no plan', async () => {
  const { sent, said } = await planned([7]);
  expect(sent).toEqual([['gitmend-plan.yml', { pull_request: '7' }]]);
  expect(said).toEqual(['#7 has no plan yet: gitmend-plan.yml is started']);
});

it('starts one run for several, because Gitea cancels a dispatched run with the next dispatch of its workflow', async () => {
  const { sent, said } = await planned([7, 8, 12]);
  expect(sent).toEqual([['gitmend-plan.yml', {}]]);
  expect(said).toEqual(['#7, #8, #12 have no plan yet: gitmend-plan.yml is started']);
});

it('says what it could not start, and fails nothing', async () => {
  const { said } = await planned([7, 8], new GitmendError('FORGE_REFUSED', 'no'));
  expect(said).toEqual([
    '#7, #8 have no plan yet, and gitmend-plan.yml could not be started (no); the next schedule does it',
  ]);
});
