import { expect, it, onTestFinished } from 'vitest';
import { deliverLab, shortWindow } from '../support/deliver-lab.ts';

const path = 'gitmend.yaml';
const watch = (hours: number) => (text: string) => text.replace(/watch: \d+h/, `watch: ${hours}h`);

it('rules whose plan was replaced just before the merge are stopped with the way on, which leads there', async () => {
  const lab = await deliverLab({ begin: shortWindow });
  onTestFinished(async () => expect(await lab.close()).toEqual([]));
  const merged = async (number: number) => {
    await lab.plan(number);
    lab.clock.advance(20_000);
    await lab.merge(number);
    await lab.run();
    return number;
  };
  const early = await lab.propose('early', { [path]: watch(11) });
  await lab.plan(early);
  lab.clock.advance(120_000);
  await lab.push('early', { [path]: watch(12) });
  await merged(early);
  const record = await lab.record(early);
  expect(record).toMatchObject({ outcome: 'not-applied', reason: 'plan-replaced' });
  expect(record?.message).toMatch(
    /20 s before the merge\. gitmend\.yaml of the default branch is not in force: bring it back/,
  );
  const said = (await lab.comments(early)).map(({ body }) => body).join('\n');
  expect(said).toContain('bring it back to what is by a pull request, then propose it anew. Nothing was touched.');

  const back = await merged(await lab.propose('back', { [path]: watch(24) }));
  const anew = await merged(await lab.propose('anew', { [path]: watch(12) }));
  for (const number of [back, anew]) expect(await lab.record(number)).toMatchObject({ outcome: 'verified' });
});
