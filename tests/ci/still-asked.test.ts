import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../../demo/gitea-home.ts';
import { actionsOf } from '../../simulators/gitea/routes/actions.ts';
import { printAnswer, answerMarker } from '../../src/commands/answer.ts';
import { noteOnBoard } from '../../src/ledger/board.ts';
import { parsePlanComment, planMarker } from '../../src/records/plan-comment.ts';
import { parseAskedByBox, parseStarted, printAskedByBox, printStarted } from '../../src/pipeline/asked/started.ts';
import { asking } from '../../src/serve/asking.ts';
import { openMetrics } from '../../src/serve/metrics.ts';
import { openAs } from '../support/in-process.ts';
import { computer } from '../support/machines.ts';
import { dispatched, type JobLab, openJobLab, type Said } from './job-lab.ts';

describe('the answer to whoever asks CI for a plan', () => {
  const answer = (word: string, shown: string | undefined, author = 'ana') =>
    `${answerMarker('17')}\n${printAnswer({ word, argument: '', more: 0 }, author, printStarted(shown))}`;

  it('is read back: the plan that stands until then, and whether everything is read anew', () => {
    expect(parseStarted(answer('dry-run', 'de82f86'))).toEqual({ shown: 'de82f86', anew: true });
    expect(parseStarted(answer('retry', 'de82f86'))).toEqual({ shown: 'de82f86', anew: true });
    expect(parseStarted(answer('plan', 'de82f86').replaceAll('\n', '\r\n'))).toEqual({ shown: 'de82f86', anew: false });
    const more = printAnswer({ word: 'dry-run', argument: 'a`b', more: 1 }, 'ana', printStarted('de82f86'));
    expect(parseStarted(`${answerMarker('17')}\n${more}`)).toEqual({ shown: 'de82f86', anew: true });
  });

  it('is nothing where no plan stood there, where it is no answer, and where it answers something else', () => {
    expect(parseStarted(answer('dry-run', undefined))).toBeUndefined();
    expect(parseStarted(answer('dry-run', 'de82f86').split('\n').slice(1).join('\n'))).toBeUndefined();
    expect(parseStarted(answer('status', 'de82f86'))).toBeUndefined();
    expect(parseStarted('')).toBeUndefined();
    expect(parseAskedByBox(printAskedByBox('de82f86'))).toEqual({ shown: 'de82f86', anew: true });
    expect(parseAskedByBox(printAskedByBox(undefined))).toBeUndefined();
  });
});

describe('two /dry-run within seconds, of which Gitea cancels the first job', () => {
  let at: JobLab;
  let numbers: [number, number] = [0, 0];
  const said: { [what: string]: Said } = {};
  const shown: { [what: string]: string[] } = {};
  let answers: string[][] = [];
  let old = '';

  const memoryOf = (file: string, to: number) => ({
    [file]: (text: string) => text.replace(/memory: \d+/, `memory: ${to}`),
  });

  async function shownNow(): Promise<string[]> {
    const all = await Promise.all(numbers.map((number) => at.lab.forge.comments(number)));
    return all.map((one) => {
      const plan = one.find(({ body }) => body.startsWith(planMarker));
      return parsePlanComment(plan?.body ?? '')?.recordShort ?? '';
    });
  }

  beforeAll(async () => {
    at = await openJobLab();
    const { lab, gitea, clock, job } = at;
    const first = await at.open('one', memoryOf('guests/postgres.yaml', 2560));
    const second = await at.open('two', memoryOf('guests/frigate.yaml', 5120));
    numbers = [first, second];
    await job('plan');
    actionsOf(gitea.world).workflows = ['gitmend-plan.yml'];
    const { pass } = asking({
      ...{ ground: await openAs(lab, 'read', computer()), clock, metrics: openMetrics() },
      store: { cursors: cursorsInMemory() } as unknown as Parameters<typeof asking>[0]['store'],
      ...{ log: () => undefined, hasBoard: () => false, answered: () => undefined },
    });
    await pass();
    shown['before'] = await shownNow();
    clock.advance(5000);
    for (const number of numbers) await say(number, '/dry-run');
    await pass();
    await pass();
    answers = await Promise.all(numbers.map(answersOn));
    clock.advance(5000);
    said['a job of neither'] = await job('plan', { ...dispatched(99), run: '901' });
    shown['by a job of neither'] = await shownNow();
    for (const number of numbers) await say(number, '/dry-run');
    await pass();
    shown['asked again'] = await shownNow();
    old = (await lab.forge.comments(first)).find(({ body }) => body.startsWith(planMarker))?.body ?? '';
    const [left] = actionsOf(gitea.world).dispatched;
    clock.advance(5000);
    said['left'] = await job('plan', { event: 'workflow_dispatch', payload: { inputs: left?.inputs }, run: '902' });
    shown['after'] = await shownNow();
    clock.advance(5000);
    said['later'] = await job('plan', { run: '903' });
    shown['later'] = await shownNow();
  }, 120_000);
  afterAll(() => at.close());

  const say = (number: number, body: string) =>
    ask(at.gitea.url, at.gitea.token('maintainer'), 'POST', `repos/${at.gitea.repository}/issues/${number}/comments`, {
      body,
    });
  const answersOn = async (number: number) =>
    (await at.lab.forge.comments(number)).map(({ body }) => body).filter((body) => body.includes('gitmend:answer/'));

  it('leave one job, and one answer for each comment', () => {
    expect(actionsOf(at.gitea.world).dispatched.map(({ inputs }) => inputs)).toEqual([
      { pull_request: String(numbers[1]), anew: 'true' },
    ]);
    expect(answers.map((all) => all.length)).toEqual([1, 1]);
    for (const [at, [answer]] of answers.entries())
      expect(parseStarted(answer ?? '')?.shown).toBe(shown['before']?.[at]);
  });

  it('are both done by that job, everything read anew, and the one that was cut off is named', () => {
    expect(said['left']).toMatchObject({ code: 0 });
    expect(said['left']?.said).toContain(`#${numbers[0]} was asked for and not planned: it is planned now\n`);
    expect(said['left']?.said).not.toContain(`#${numbers[1]} was asked for`);
    for (const side of [0, 1]) expect(shown['after']?.[side]).not.toBe(shown['asked again']?.[side]);
  });

  it('are done by any job that is dispatched, also where neither of theirs is left', () => {
    expect(said['a job of neither']?.said).toContain('#99 is not open (any more)');
    for (const side of [0, 1]) expect(shown['by a job of neither']?.[side]).not.toBe(shown['before']?.[side]);
  });

  it('are done once: the next job reads nothing anew for them', () => {
    expect(said['later']).toMatchObject({ code: 0 });
    expect(said['later']?.said).not.toContain('was asked for');
    expect(shown['later']).toEqual(shown['after']);
  });

  it('of which one was cut off between its plan and its comment: the comment is mended, and nothing is read anew', async () => {
    const [number] = numbers;
    const { id } = (await at.lab.forge.comments(number)).find(({ body }) => body.startsWith(planMarker)) ?? { id: '' };
    const made = (await (await at.mirror()).refs('refs/gitmend/plans')).get(`refs/gitmend/plans/${number}`);
    await at.lab.forge.editAsBot(number, id, old);
    await at.job('plan', { ...dispatched(99), run: '905' });
    expect((await shownNow())[0]).toBe(shown['after']?.[0]);
    expect((await (await at.mirror()).refs('refs/gitmend/plans')).get(`refs/gitmend/plans/${number}`)).toBe(made);
  });

  it('are done for a box of the dashboard too, once', async () => {
    const [number] = numbers;
    const now = (await shownNow())[0];
    const { repo } = await openAs(at.lab, 'read', computer());
    await repo.fetch();
    const line = { of: String(number), at: '2026-11-20T03:34:00Z', words: printAskedByBox(now) };
    await noteOnBoard(repo, Date.parse(line.at), (before) => ({ ...before, said: [line] }));
    at.clock.advance(5000);
    const first = await at.job('plan', { ...dispatched(99), run: '906' });
    expect(first.said).toContain(`#${number} was asked for and not planned: it is planned now`);
    const then = (await shownNow())[0];
    expect(then).not.toBe(now);
    const second = await at.job('plan', { ...dispatched(99), run: '907' });
    expect(second.said).not.toContain('was asked for');
    expect((await shownNow())[0]).toBe(then);
  });

  it('are not done for a word that somebody else wrote as if it were the answer', async () => {
    const [number] = numbers;
    const now = (await shownNow())[0];
    const forged = printAnswer({ word: 'dry-run', argument: '', more: 0 }, 'ana', printStarted(now));
    await say(number, `${answerMarker('99')}\n${forged}`);
    at.clock.advance(5000);
    await at.job('plan', { run: '904' });
    expect((await shownNow())[0]).toBe(now);
  });
});

function cursorsInMemory() {
  const kept = new Map<string, string>();
  return {
    get: async (name: string) => kept.get(name),
    set: async (name: string, value: string) => void kept.set(name, value),
  };
}
