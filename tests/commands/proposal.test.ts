import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memoryShort } from '../../simulators/pve/index.ts';
import { GitmendError } from '../../src/core/errors.ts';
import { set, shortWindow } from '../support/deliver-lab.ts';
import { type CommandLab, commandLab, expectGolden, readable } from './setting.ts';

describe('commands on what gitmend proposes', () => {
  let lab: CommandLab;

  beforeAll(async () => {
    lab = await commandLab({ begin: shortWindow, trouble: memoryShort });
  });
  afterAll(() => lab.close());

  const state = async (number: number) => (await lab.lab.forge.pullRequest(number)).state;
  const healed = async () =>
    (await lab.heal()).map((one) => (one.state === 'refused' ? one.refusal.reason : one.state));

  test('/diagnose looks at a guest as if an alert had come', async () => {
    const issue = await lab.lab.forge.openIssue({ title: 'postgres is slow', body: 'since this morning' });
    expectGolden('diagnose-unknown.md', readable(await lab.ask(issue.number, '/diagnose ../etc/passwd')));
    expect(await lab.ask(issue.number, '/diagnose')).toContain('no target is named');
    expectGolden('diagnose.md', readable(await lab.ask(issue.number, '/diagnose postgres')));
    const proposed = (await lab.open()).get('resize-guest');
    expect(proposed?.body).toContain('asked for by maintainer');
    // Nothing fires, so nothing could resolve: the plan is not to wait for an alert.
    expect(proposed?.body).not.toContain('"signal"');
    expect(await lab.ask(issue.number, '/diagnose lxc/200')).toContain(`Proposed as #${proposed?.number ?? 0}`);
    expectGolden('status-issue.md', readable(await lab.ask(issue.number, '/status')));
    await (await lab.as('maintainer')).close(proposed?.number ?? 0, 'no');
  });

  test('/snooze closes the proposal, and heal does not make it again before that moment', async () => {
    lab.clock.advance(8 * 86_400_000);
    expect(await healed()).toEqual(['opened']);
    const { number = 0 } = (await lab.open()).get('resize-guest') ?? {};
    expectGolden('snooze.md', readable(await lab.ask(number, '/snooze 24h')));
    expect(await state(number)).toBe('closed');
    expect(await healed()).toEqual(['snoozed']);
    expect(await lab.ask(number, '/status')).toContain('snoozed it until');

    lab.clock.advance(24 * 3_600_000);
    expect(await healed()).toEqual(['opened']);
    await (await lab.as('maintainer')).close((await lab.open()).get('resize-guest')?.number ?? 0, 'no');
  });

  test('/snooze that was killed half-way is finished, with the same end', async () => {
    lab.clock.advance(8 * 86_400_000);
    await healed();
    const { number = 0 } = (await lab.open()).get('resize-guest') ?? {};
    const id = await lab.say(number, '/snooze 2h');
    const dies = () => Promise.reject(new Error('killed'));
    // Dead from the moment on at which the body is written: nothing is closed, remembered or answered.
    const forge = { ...lab.read.forge, close: dies, ensureComment: dies };
    let writes = 0;
    const swap: typeof lab.cursors.swap = async (...args) =>
      ((writes += 1) > 1 ? dies() : lab.cursors.swap?.(...args)) ?? false;
    await expect(
      lab.answerAll({ ...lab.read, forge }, { cursors: { ...lab.cursors, swap, set: dies } }),
    ).rejects.toThrow('killed');
    expect(await state(number)).toBe('open');
    lab.clock.advance(300_000);
    await lab.answerAll();
    expect(await state(number)).toBe('closed');
    const [answer = '', ...others] = await lab.answersTo(number, id);
    expect(others).toEqual([]);
    // Counted from the comment, not from when it was dealt with.
    const { createdAt = '' } = (await lab.comments(number)).find((one) => one.id === id) ?? {};
    const until = new Date(Date.parse(createdAt) + 2 * 3_600_000).toISOString();
    expect(answer).toContain(`**Snoozed** until ${until.slice(0, 10)} ${until.slice(11, 16)}Z`);
  });

  test('/retry opens a closed proposal anew, once, and ends its snooze', async () => {
    const before = await lab.lab.forge.pullRequests({ state: 'closed' });
    const last = before.at(-1)?.number ?? 0;
    expect(await healed()).toEqual(['snoozed']);
    expectGolden('retry-closed.md', readable(await lab.ask(last, '/retry')).replace(/#\d+/, '#N'));
    const opened = (await lab.open()).get('resize-guest');
    expect(opened?.number).toBeGreaterThan(last);
    expect(await lab.ask(last, '/retry')).toContain(`#${opened?.number ?? 0}`);
    expect(await healed()).toEqual(['unchanged']);
  });

  test('/retry of an open one that a person closed after it was written is not done', async () => {
    const { number = 0 } = (await lab.open()).get('resize-guest') ?? {};
    await lab.plan();
    const id = await lab.say(number, '/retry');
    lab.clock.advance(60_000);
    await (await lab.as('maintainer')).close(number, 'no');
    lab.clock.advance(3_600_000);
    await lab.answerAll();
    expect((await lab.answersTo(number, id))[0]).toContain('was closed after the comment was written');
    expect((await lab.open()).has('resize-guest')).toBe(false);
  });

  test('/retry that opens it, and then fails, says what it reached', async () => {
    const last = (await lab.lab.forge.pullRequests({ state: 'closed' })).at(-1)?.number ?? 0;
    const id = await lab.say(last, '/retry');
    const ensureStatus = () => Promise.reject(new GitmendError('FORGE_FAILED', '502'));
    await lab.answerAll({ ...lab.read, forge: { ...lab.read.forge, ensureStatus } });
    const opened = (await lab.open()).get('resize-guest')?.number;
    const [answer] = await lab.answersTo(last, id);
    expect(answer).toContain(
      `**Opened anew** as #${opened ?? 0}. Its plan follows: it could not be made yet. FORGE_FAILED: 502.`,
    );
    expect(answer).not.toContain('Not done');
    await (await lab.as('maintainer')).close(opened ?? 0, 'no');
  });

  test('/snooze that cannot close says what it reached', async () => {
    lab.clock.advance(8 * 86_400_000);
    expect(await healed()).toEqual(['opened']);
    const { number = 0 } = (await lab.open()).get('resize-guest') ?? {};
    await lab.plan();
    const id = await lab.say(number, '/snooze 2h');
    const close = () => Promise.reject(new GitmendError('FORGE_FAILED', '502'));
    await lab.answerAll({ ...lab.read, forge: { ...lab.read.forge, close } });
    expect((await lab.answersTo(number, id))[0]).toContain('**Half done**: the snooze until');
    await (await lab.as('maintainer')).close(number, 'no');
  });

  test('/retry does not open what somebody pushed to the branch of a closed proposal', async () => {
    const closed = (await lab.lab.forge.pullRequests({ state: 'closed' })).at(-1);
    await lab.push(closed?.branch ?? '', { 'guests/postgres.yaml': set('memory', 6144) }, 'mine');
    const answer = await lab.ask(closed?.number ?? 0, '/retry');
    expect(answer).toContain(`and ${closed?.head.slice(0, 7) ?? ''} was closed`);
    expect((await lab.open()).has('resize-guest')).toBe(false);
  });
});
