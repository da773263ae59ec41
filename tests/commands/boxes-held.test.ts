import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memoryShort } from '../../simulators/pve/index.ts';
import type { Ground } from '../../src/deliver/world.ts';
import { dashboardPass } from '../../src/pipeline/dashboard.ts';
import { set } from '../support/deliver-lab.ts';
import { begin, healOf, onBoard } from './boards.ts';
import { type CommandLab, commandLab } from './setting.ts';

const hour = 3_600_000;

describe('what no box steps over', () => {
  let lab: CommandLab;
  let board: ReturnType<typeof onBoard>;

  beforeAll(async () => {
    const frozen = (text: string) => `${text}freezes:\n  - { name: friday, from: 2026-11-19, to: 2026-11-20 }\n`;
    lab = await commandLab({ trouble: memoryShort, begin: { ...begin, 'policies/guests.yaml': frozen } });
    board = onBoard(lab);
  });
  afterAll(async () => expect(await lab.close()).toEqual([]));

  const proposals = async () => lab.lab.forge.pullRequests({ state: 'all' });
  const latest = async () => (await proposals()).at(-1)?.number ?? 0;

  test('a freeze: looked at again while it is on, nothing is opened; once it is over, it is', async () => {
    expect(await healOf(lab, 200)).toEqual(['frozen']);
    const [box = '', fault = ''] = /again\/([0-9a-f]{12})/.exec(await board.body()) ?? [];
    expect((await board.issue()).body).not.toContain('beside the limit');
    await board.forge(`- [x] <!-- gitmend:box open/${fault} -->`);
    expect(await board.did()).toEqual([]);
    await board.tick(box);
    expect(await board.did()).toEqual([box]);
    expect((await board.issue()).body).toMatch(/ {2}- 2026-11-20 03:\d\dZ: postgres is not proposed \(frozen\)/);
    expect(await proposals()).toEqual([]);
    lab.clock.advance(21 * hour);
    await board.tick(box);
    expect(await board.did()).toEqual([box]);
    expect(await proposals()).toHaveLength(1);
    expect((await board.issue()).title).toBe('gitmend: 1 open');
  });

  test('a plan that expired: it is proposed anew while its alert fires, or taken off the list', async () => {
    const number = await latest();
    lab.clock.advance(25 * hour);
    await lab.plan();
    expect((await lab.lab.forge.pullRequest(number)).state).toBe('closed');
    expect(await board.body()).toContain('expired without an approval');
    await board.tick(`again/${number}`);
    expect(await board.did()).toEqual([`again/${number}`]);
    expect(await latest()).toBeGreaterThan(number);
    const second = await latest();
    lab.clock.advance(25 * hour);
    await lab.plan();
    await board.body();
    await board.tick(`seen/${second}`);
    expect(await board.did()).toEqual([`seen/${second}`]);
    expect((await board.issue()).title).toBe('gitmend: all is well');
  });

  test('a person’s no: the end of a snooze does not overrule it', async () => {
    expect(await healOf(lab, 200)).toEqual(['opened']);
    const declined = await latest();
    await (await lab.as('maintainer')).close(declined, 'no');
    await lab.ask(declined, '/retry');
    const number = await latest();
    await board.body();
    await board.tick(`snooze/${number}`);
    expect(await board.did()).toEqual([`snooze/${number}`]);
    await board.tick(`wake/${number}`);
    expect(await board.did()).toEqual([`wake/${number}`]);
    expect(await latest()).toBe(number);
    expect((await board.issue()).body).toContain('maintainer closed the same proposal');
  });

  test('an Alertmanager that does not answer: the snooze ends, and the next alert proposes it', async () => {
    lab.clock.advance(8 * 24 * hour);
    expect(await healOf(lab, 200)).toEqual(['opened']);
    const number = await latest();
    await board.body();
    await board.tick(`snooze/${number}`);
    await board.did();
    await board.tick(`wake/${number}`);
    const engines: Ground['engines'] = (rules) => ({
      ...lab.read.engines(rules),
      signalState: async () => ({ state: 'unknown', why: 'it is away' }),
    });
    expect(await board.did({ ...lab.read, engines })).toEqual([`wake/${number}`]);
    expect((await board.issue()).body).toContain('the snooze is ended; not looked at');
    expect(await latest()).toBe(number);
    expect(await healOf(lab, 200)).toEqual(['opened']);
  });
});

describe('many boxes that are ticked at once', () => {
  test('are done five in a look, each once, and the others stay ticked', async () => {
    const lab = await commandLab({ begin });
    const board = onBoard(lab);
    for (let at = 1; at <= 6; at += 1)
      await lab.propose(`more-${at}`, { 'guests/gitea.yaml': set('memory', 3072 + at) });
    await board.body();
    const { number, body } = await board.issue();
    await lab.lab.forge.editIssue(number, { body: body.replaceAll('[ ]', '[x]') });
    const declaredAt: Ground['declaredAt'] = async (commit) => {
      const found = await lab.read.declaredAt(commit);
      return found.config === undefined ? found : { ...found, config: { ...found.config, runner: 'ci' } };
    };
    const asked: number[] = [];
    const dispatchPlan = async (pullRequest: number) => void asked.push(pullRequest);
    const pass = () => dashboardPass({ ...lab.read, declaredAt }, { cursors: lab.cursors, dispatchPlan });
    expect((await pass())?.did).toHaveLength(5);
    expect((await board.issue()).body.match(/\[x\]/g)).toHaveLength(1);
    expect((await pass())?.did).toHaveLength(1);
    expect(asked.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6]);
    expect((await board.issue()).body).not.toContain('[x]');
    await lab.close();
  });
});
