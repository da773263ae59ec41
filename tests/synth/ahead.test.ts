import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { linkText } from '../../src/core/change-set.ts';
import { openAhead, synthesize } from '../../src/synth/index.ts';
import { input, templateWith } from './examples.ts';
import { ownTemporaryFolder } from './own-folder.ts';

describe('a Node that was started ahead of its synthesis', () => {
  const folder = ownTemporaryFolder();
  const { modules, node } = input();
  const opened = (patience?: number) =>
    openAhead({ modules, node, timeout: 60, ...(patience === undefined ? {} : { patience }) });
  const synthesizing = () => readdirSync(folder()).filter((name) => name.startsWith('gitmend-synth-'));

  it('makes the same of the same code and data, once, and leaves nothing', async () => {
    const ahead = opened();
    const calls: (boolean | undefined)[] = [];
    const run: typeof ahead.run = async (files) => {
      const made = await ahead.run(files);
      calls.push(made !== undefined);
      return made;
    };
    ahead.expect();
    ahead.expect();
    const [first, second] = [await synthesize(input({ ahead: { run } })), await synthesize(input({ ahead: { run } }))];
    expect([first, second]).toEqual([await synthesize(input()), first]);
    expect(calls).toEqual([true, false]);
    expect(synthesizing()).toEqual([]);
  });

  it('lets code that fails, and what is no plain file, be run as ever, so that the same is said of it', async () => {
    for (const files of [
      { 'stacks/main.ts': 'throw new Error("not today")' },
      { 'guests/link.yaml': linkText('/etc/passwd') },
    ]) {
      const ahead = opened();
      const tree = templateWith(files);
      ahead.expect();
      const said = await synthesize(input({ code: tree, data: tree, ahead }));
      expect(said).toMatchObject({ ok: false });
      expect(said).toEqual(await synthesize(input({ code: tree, data: tree })));
    }
    expect(synthesizing()).toEqual([]);
  });

  it('runs nothing where it is not needed, and is gone when its time is over or it is told to end', async () => {
    const ahead = opened(1);
    ahead.expect();
    await ahead.end();
    expect(synthesizing()).toEqual([]);
    ahead.expect();
    while (synthesizing().length === 0) await sleep(1);
    while (synthesizing().length > 0) await sleep(5);
    expect(await ahead.run(templateWith({}))).toBeUndefined();
  });
});
