import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Forge } from '../../src/forges/forge.ts';
import type { Ground } from '../../src/deliver/world.ts';
import { answerMarker } from '../../src/commands/answer.ts';
import { owedCursor } from '../../src/pipeline/asked/owed.ts';
import { reactPass, saidCursor } from '../../src/pipeline/commands.ts';
import { planningPass } from '../../src/pipeline/deliver.ts';
import { GitmendError } from '../../src/core/errors.ts';
import { set, shortWindow } from '../support/deliver-lab.ts';
import { openAs } from '../support/in-process.ts';
import { computer } from '../support/machines.ts';
import { type CommandLab, commandLab, rememberedCursors } from './setting.ts';

const more = { 'guests/postgres.yaml': set('memory', 3072) };

/** The same ground, whose process dies at one call of the forge, before or after it. */
function dying(ground: Ground, intent: 'react' | 'ensureComment', when: 'before' | 'after', nth = 1): Ground {
  let calls = 0;
  const original = ground.forge[intent].bind(ground.forge) as (...args: never[]) => Promise<never>;
  const dies = async (...args: never[]): Promise<never> => {
    calls += 1;
    if (calls === nth && when === 'before') throw new Error('killed');
    const answer = await original(...args);
    if (calls === nth) throw new Error('killed');
    return answer;
  };
  return { ...ground, forge: { ...ground.forge, [intent]: dies } };
}

describe('commands when things go wrong', () => {
  let lab: CommandLab;
  let number: number;

  beforeEach(async () => {
    lab = await commandLab({ begin: shortWindow });
    number = await lab.propose('more', more);
    await lab.plan();
  });
  afterEach(() => lab.close());

  const planCount = async () => {
    await lab.pusher.fetch();
    const tip = await lab.pusher.tip(`refs/gitmend/plans/${number}`);
    return (await lab.pusher.firstParents(undefined, tip ?? '')).length;
  };

  test('a web hook that was lost costs time: the next look finds the comment', async () => {
    const id = await lab.say(number, '/status');
    lab.clock.advance(80_000_000);
    await lab.answerAll();
    expect(await lab.answersTo(number, id)).toHaveLength(1);
  });

  test('an edited comment is no command, and takes nothing back', async () => {
    const edited = await lab.say(number, 'a question');
    const answered = await lab.say(number, '/status');
    await lab.answerAll();
    await lab.lab.forge.editComment(number, edited, '/rollback');
    await lab.lab.forge.editComment(number, answered, '/rollback');
    expect((await lab.answerAll()).answered).toEqual([]);
    expect(await lab.answersTo(number, edited)).toEqual([]);
    expect((await lab.answersTo(number, answered))[0]).toContain('**Open**');
  });

  test('what was said before the first look of the service is no command', async () => {
    await lab.say(number, '/status');
    const cursors = rememberedCursors();
    expect((await lab.answerAll(lab.read, { cursors })).answered).toEqual([]);
    await lab.say(number, '/status');
    expect((await lab.answerAll(lab.read, { cursors })).answered).toHaveLength(1);
  });

  test('a force-push between the plan that was read and the command: refused, and the new head is not touched', async () => {
    await lab.push('more', { 'guests/postgres.yaml': set('memory', 4096) });
    const id = await lab.say(number, '/dry-run');
    await lab.answerAll();
    expect((await lab.answersTo(number, id))[0]).toContain('the branch moved since');
  });

  test('a force-push that is planned already when the command is looked at: refused all the same', async () => {
    const id = await lab.say(number, '/dry-run');
    lab.clock.advance(1000);
    await lab.push('more', { 'guests/postgres.yaml': set('memory', 4096) });
    lab.clock.advance(1000);
    await lab.plan();
    await lab.answerAll();
    expect((await lab.answersTo(number, id))[0]).toContain('the branch moved since');
    expect(await lab.ask(number, '/dry-run')).toContain('2048 → 4096');
  });

  test('a head that nobody had planned before the comment is not meant by it', async () => {
    const other = await lab.propose('other', { 'guests/gitea.yaml': set('memory', 3072) });
    const id = await lab.say(other, '/plan');
    lab.clock.advance(1000);
    await lab.plan();
    await lab.answerAll();
    expect((await lab.answersTo(other, id))[0]).toContain('no plan of this commit is known to have been shown');
  });

  test.each<['react' | 'ensureComment', 'before' | 'after']>([
    ['react', 'before'],
    ['react', 'after'],
    ['ensureComment', 'before'],
    ['ensureComment', 'after'],
  ])('killed %s (%s): the next process comes to one answer', async (intent, when) => {
    const id = await lab.say(number, '/status');
    await expect(lab.answerAll(dying(lab.read, intent, when))).rejects.toThrow('killed');
    await lab.answerAll(await openAs(lab.lab, 'read', computer()));
    expect(await lab.answersTo(number, id)).toHaveLength(1);
    expect(await lab.lab.forge.reactions(id)).toHaveLength(1);
  });

  test('killed between the effect and the answer: the effect is not there twice', async () => {
    const id = await lab.say(number, '/dry-run');
    // The first comment that is written is the plan's, or nothing: the answer is the last.
    const before = lab.read.forge.ensureComment.bind(lab.read.forge);
    const forge: Forge = {
      ...lab.read.forge,
      ensureComment: async (...args) => {
        if (args[1].includes('answer')) throw new Error('killed');
        return before(...args);
      },
    };
    await expect(lab.answerAll({ ...lab.read, forge })).rejects.toThrow('killed');
    expect(lab.cursors.values.get(saidCursor)).toBe('0');
    lab.clock.advance(5000);
    await lab.answerAll();
    const answers = await lab.answersTo(number, id);
    expect(answers).toHaveLength(1);
    expect(answers[0]).toContain('**Dry run**');
    expect((await lab.comments(number)).filter(({ body }) => body.startsWith('<!-- gitmend:plan -->'))).toHaveLength(1);
  });

  test('two replicas at once write one answer', async () => {
    const id = await lab.say(number, '/dry-run');
    const other = await openAs(lab.lab, 'read', computer());
    delete other.synthesize;
    const cursors = rememberedCursors();
    cursors.values.set(saidCursor, '0');
    await Promise.all([lab.answerAll(), lab.answerAll(other, { cursors })]);
    expect(await lab.answersTo(number, id)).toHaveLength(1);
  });

  test('a cursor that went back makes no second answer, and does nothing again', async () => {
    const id = await lab.say(number, '/dry-run');
    await lab.answerAll();
    const [first] = await lab.answersTo(number, id);
    const before = lab.lab.pve.requests.length;
    lab.cursors.values.set(saidCursor, '0');
    lab.clock.advance(3_600_000);
    expect((await lab.answerAll()).answered).toEqual([]);
    expect(await lab.answersTo(number, id)).toEqual([first]);
    expect(lab.lab.pve.requests.length).toBe(before);
  });

  test('an answer that somebody else forged does not silence gitmend', async () => {
    const id = await lab.say(number, '/status');
    await lab.say(number, `<!-- gitmend:answer/${id} -->\nall is well`, 'mallory');
    await lab.answerAll();
    expect(await lab.answersTo(number, id)).toHaveLength(2);
  });

  test('what the live system refuses to say is the answer, and the next comment is answered too', async () => {
    const engines: Ground['engines'] = (rules) => ({
      ...lab.read.engines(rules),
      applier: () => {
        throw new GitmendError('PVE_UNREACHABLE', 'pve1 does not answer <!-- gitmend:plan --> @everyone');
      },
    });
    const [id, next] = [await lab.say(number, '/dry-run'), await lab.say(number, '/help')];
    await lab.answerAll({ ...lab.read, engines });
    const [answer = ''] = await lab.answersTo(number, id);
    expect(answer).toContain('**Not done**: PVE_UNREACHABLE');
    expect(answer).toContain('Check the endpoint');
    expect(answer.slice(10)).not.toMatch(/<!-- gitmend:plan|@everyone/);
    expect(await lab.answersTo(number, next)).toHaveLength(1);
  });

  test('a forge that fails is asked again by the next pass', async () => {
    const id = await lab.say(number, '/status');
    const forge = {
      ...lab.read.forge,
      ensureComment: () => Promise.reject(new GitmendError('FORGE_FAILED', '502')),
    };
    await expect(lab.answerAll({ ...lab.read, forge })).rejects.toMatchObject({ code: 'FORGE_FAILED' });
    await lab.answerAll();
    expect(await lab.answersTo(number, id)).toHaveLength(1);
  });

  test('a reaction that the forge refuses, or fails at, stops nobody', async () => {
    for (const code of ['FORGE_REFUSED', 'FORGE_FAILED'] as const) {
      const [bad, good] = [await lab.say(number, '/help', 'mallory'), await lab.say(number, '/status')];
      const react: Forge['react'] = (id, reaction) =>
        id === bad ? Promise.reject(new GitmendError(code, 'user is blocked')) : lab.read.forge.react(id, reaction);
      await lab.answerAll({ ...lab.read, forge: { ...lab.read.forge, react } });
      for (const id of [bad, good]) expect(await lab.answersTo(number, id)).toHaveLength(1);
      expect(await lab.lab.forge.reactions(good)).toHaveLength(1);
    }
  });

  test('an answer that the forge refuses is stepped over: its effect happens once, and the next comment is answered', async () => {
    const [id, next] = [await lab.say(number, '/dry-run'), await lab.say(number, '/help')];
    const ensureComment: Forge['ensureComment'] = (on, marker, body) =>
      marker === answerMarker(id)
        ? Promise.reject(new GitmendError('FORGE_REFUSED', 'locked'))
        : lab.read.forge.ensureComment(on, marker, body);
    const forge: Forge = { ...lab.read.forge, ensureComment };
    const plans = await planCount();
    for (let pass = 0; pass < 3; pass += 1) {
      lab.clock.advance(15_000);
      await lab.answerAll({ ...lab.read, forge });
    }
    expect(await planCount()).toBe(plans + 1);
    expect(await lab.answersTo(number, next)).toHaveLength(1);
    expect(lab.cursors.values.get(owedCursor)).toBe('{}');
  });

  test('an answer that could not be written is written by the next pass, and its effect is not repeated', async () => {
    const id = await lab.say(number, '/dry-run');
    const ensureComment: Forge['ensureComment'] = (on, marker, body) =>
      marker === answerMarker(id)
        ? Promise.reject(new GitmendError('FORGE_FAILED', '502'))
        : lab.read.forge.ensureComment(on, marker, body);
    const plans = await planCount();
    for (let pass = 0; pass < 3; pass += 1) {
      lab.clock.advance(15_000);
      const failing = lab.answerAll({ ...lab.read, forge: { ...lab.read.forge, ensureComment } });
      await expect(failing).rejects.toMatchObject({ code: 'FORGE_FAILED' });
    }
    await lab.answerAll(await openAs(lab.lab, 'read', computer()));
    expect(await planCount()).toBe(plans + 1);
    expect((await lab.answersTo(number, id))[0]).toContain('**Dry run**');
    expect(lab.cursors.values.get(owedCursor)).toBe('{}');
  });

  test('two replicas on one store begin a command once', async () => {
    const id = await lab.say(number, '/dry-run');
    const started: number[] = [];
    const declaredAt: Ground['declaredAt'] = async (commit) => {
      const found = await lab.read.declaredAt(commit);
      return found.config === undefined ? found : { ...found, config: { ...found.config, runner: 'ci' as const } };
    };
    const dispatchPlan = async (pull: number) => void started.push(pull);
    const other = await openAs(lab.lab, 'read', computer());
    delete other.synthesize;
    await Promise.all([
      lab.answerAll({ ...lab.read, declaredAt }, { dispatchPlan }),
      lab.answerAll({ ...other, declaredAt }, { dispatchPlan }),
    ]);
    await lab.answerAll({ ...other, declaredAt }, { dispatchPlan });
    expect(started).toEqual([number]);
    expect(await lab.answersTo(number, id)).toHaveLength(1);
  });

  test('a command that another replica began is left to it for a minute, and then carried out', async () => {
    const id = await lab.say(number, '/status');
    lab.cursors.values.set(owedCursor, JSON.stringify({ [id]: { at: lab.clock.now() } }));
    expect((await lab.answerAll()).answered).toEqual([]);
    lab.clock.advance(61_000);
    expect((await lab.answerAll()).answered).toHaveLength(1);
    expect(await lab.answersTo(number, id)).toHaveLength(1);
  });

  test('a memory of what is owed that cannot be read is none', async () => {
    lab.cursors.values.set(owedCursor, '{"1":{"answer":7');
    await lab.ask(number, '/status');
    expect(lab.cursors.values.get(owedCursor)).toBe('{}');
  });

  test('a plan whose comment was never written was seen by nobody', async () => {
    await lab.push('more', { 'guests/postgres.yaml': set('memory', 4096) });
    lab.clock.advance(1000);
    const ensureComment = () => Promise.reject(new GitmendError('FORGE_FAILED', '502'));
    const failing = planningPass({ ...lab.read, forge: { ...lab.read.forge, ensureComment } });
    expect((await failing).shown).toMatchObject([{ number, result: { state: 'failed', code: 'FORGE_FAILED' } }]);
    expect(await lab.ask(number, '/dry-run')).toContain('the branch moved since');
  });

  test('a command that is first seen after more than a day is not done', async () => {
    const id = await lab.say(number, '/dry-run');
    lab.clock.advance(86_401_000);
    await lab.answerAll();
    expect((await lab.answersTo(number, id))[0]).toContain('too old');
  });

  test('a reaction does not wait for the command before it', async () => {
    const setup = { cursors: lab.cursors, reacted: new Set<string>() };
    const first = await lab.say(number, '/status');
    const cursor = lab.cursors.values.get(saidCursor);
    expect(await reactPass(lab.read, setup)).toBe(1);
    const second = await lab.say(number, '/help');
    expect(await reactPass(lab.read, setup)).toBe(1);
    expect(await reactPass(lab.read, setup)).toBe(0);
    expect(lab.cursors.values.get(saidCursor)).toBe(cursor);
    for (const id of [first, second]) {
      expect(await lab.lab.forge.reactions(id)).toEqual([{ by: 'gitmend', reaction: 'eyes' }]);
      expect(await lab.answersTo(number, id)).toEqual([]);
    }
    await lab.answerAll(lab.read, setup);
    for (const id of [first, second]) expect(await lab.answersTo(number, id)).toHaveLength(1);
    // With another memory: what is answered needs no reaction.
    expect(await reactPass(lab.read, { ...setup, reacted: new Set() })).toBe(0);
  });

  test('before the first look nothing is reacted to', async () => {
    await lab.say(number, '/status');
    expect(await reactPass(lab.read, { cursors: rememberedCursors() })).toBe(0);
  });
});
