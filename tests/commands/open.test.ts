import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { set, shortWindow } from '../support/deliver-lab.ts';
import { type CommandLab, commandLab, expectGolden, readable } from './setting.ts';

const more = { 'guests/postgres.yaml': set('memory', 3072) };

describe('commands on an open pull request', () => {
  let lab: CommandLab;
  let number: number;

  beforeAll(async () => {
    lab = await commandLab({ begin: shortWindow });
    number = await lab.propose('more', more);
    await lab.plan();
  });
  afterAll(() => lab.close());

  test.each([
    ['help', '/help'],
    ['plan', '/plan'],
    ['dry-run', '/dry-run'],
    ['dry-run-unknown-operation', '/dry-run 01J8ZXQ'],
    ['status', '/status'],
    ['explain', '/explain'],
    ['explain-word', '/explain pve_locked'],
    ['explain-unknown', '/explain @everyone **x**'],
    ['snooze-not-ours', '/snooze 2h'],
    ['snooze-no-duration', '/snooze until **later** @everyone'],
    ['rollback-open', '/rollback'],
    ['restore', '/restore'],
    ['retry', '/retry'],
    ['worked-too-early', '/worked'],
    ['diagnose-not-here', '/diagnose postgres'],
    ['unknown', '/rolback'],
    ['unknown-mark', '/plan.'],
    ['unknown-alone', '/foo'],
    ['unknown-apply', '/apply'],
    ['unknown-approve', '/approve'],
    ['unknown-merge', '/merge'],
    ['unknown-undo', '/undo'],
    ['snooze-alone', '/snooze'],
    ['several', '/status\n/rollback\n/failed'],
  ])('%s is answered once, in words that are short and say what next', async (name, body) => {
    expectGolden(`${name}.md`, readable(await lab.ask(number, body)));
  });

  test('is answered once however often it is looked at', async () => {
    const id = await lab.say(number, '/status');
    for (let pass = 0; pass < 3; pass += 1) await lab.answerAll();
    expect(await lab.answersTo(number, id)).toHaveLength(1);
    expect(await lab.lab.forge.reactions(id)).toEqual([{ by: 'gitmend', reaction: 'eyes' }]);
  });

  test('/dry-run reads everything anew and changes nothing live', async () => {
    const before = lab.writes();
    await lab.ask(number, '/dry-run');
    expect(lab.writes()).toBe(before);
    expect(lab.live(200)).toBe(2048);
  });

  test('what is quoted, code or said by a machine is not even reacted to', async () => {
    const ids = [
      await lab.say(number, '> /rollback'),
      await lab.say(number, '```\n/rollback\n```'),
      await lab.say(number, '/rollback', 'renovate[bot]'),
      await lab.say(number, '/rollback', 'gitmend'),
    ];
    expect((await lab.answerAll()).answered).toEqual([]);
    for (const id of ids) expect(await lab.lab.forge.reactions(id)).toEqual([]);
  });

  test('somebody who is no approver is told so, and nothing is done', async () => {
    const before = [...(await lab.open()).keys()];
    expectGolden('not-an-approver.md', readable(await lab.ask(number, '/retry', 'bob')));
    expect([...(await lab.open()).keys()]).toEqual(before);
  });

  test('an account that may not read here is answered with nothing but that', async () => {
    const forge = { ...lab.read.forge, permission: async () => 'none' as const };
    const [id, other] = [await lab.say(number, '/status', 'mallory'), await lab.say(number, '/stats', 'mallory')];
    await lab.answerAll({ ...lab.read, forge });
    expect((await lab.answersTo(number, id))[0]).toContain('does not let this account');
    expect(await lab.answersTo(number, other)).toEqual([]);
  });

  test('a word that is only near a command is answered to who may write, and to nobody else', async () => {
    const forge = { ...lab.read.forge, permission: async () => 'read' as const };
    const ids = [await lab.say(number, '/rolback', 'mallory'), await lab.say(number, '/home is full', 'mallory')];
    await lab.answerAll({ ...lab.read, forge });
    for (const id of ids) {
      expect(await lab.answersTo(number, id)).toEqual([]);
      expect(await lab.lab.forge.reactions(id)).toEqual([]);
    }
  });

  test('one account gets five answers of a pass, and the others all of theirs', async () => {
    const many: string[] = [];
    for (let at = 0; at < 7; at += 1) many.push(await lab.say(number, '/help', at % 2 === 0 ? 'mallory' : 'Mallory'));
    const other = await lab.say(number, '/help');
    const logged: unknown[] = [];
    await lab.answerAll({ ...lab.read, log: (...line) => void logged.push(line) });
    const counts = await Promise.all(many.map(async (id) => (await lab.answersTo(number, id)).length));
    expect(counts).toEqual([1, 1, 1, 1, 1, 0, 0]);
    expect(await lab.answersTo(number, other)).toHaveLength(1);
    expect(logged.filter((line) => JSON.stringify(line).includes('too-many'))).toHaveLength(2);
    expect((await lab.answerAll()).answered).toEqual([]);
  });

  test('with CI as the runner a plan is started, and not made here', async () => {
    const started: unknown[] = [];
    const rules = await lab.read.declaredAt((await lab.pusher.tip('refs/heads/main')) ?? '');
    const declaredAt = async (commit: string) => {
      const found = await lab.read.declaredAt(commit);
      return found.config === undefined ? found : { ...found, config: { ...found.config, runner: 'ci' as const } };
    };
    expect(rules.config?.runner).toBe('builtin');
    const id = await lab.say(number, '/dry-run');
    await lab.answerAll(
      { ...lab.read, declaredAt },
      { dispatchPlan: async (pull, options) => void started.push([pull, options]) },
    );
    expect(started).toEqual([[number, { anew: true }]]);
    expect((await lab.answersTo(number, id))[0]).toContain('**Started**');
  });
});
