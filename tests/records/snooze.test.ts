import { describe, expect, it } from 'vitest';
import { notObservedWords, noAlertWords, watchWords } from '../../src/records/afterwards.ts';
import { fitting, readable } from '../../src/records/plan-room.ts';
import { snoozeIn, withSnooze } from '../../src/records/snooze.ts';

const snooze = { until: '2026-11-21T03:34:00Z', by: 'alex' };

describe('a snooze in the body of a pull request', () => {
  it('is read as it was written, and the body stays', () => {
    const body = withSnooze('What it is about.\n', snooze);
    expect(body).toMatch(/^What it is about\.\n\n<!-- gitmend:snooze /);
    expect(snoozeIn(body)).toEqual(snooze);
  });

  it('stands once: another one takes its place, and it can be taken out', () => {
    const later = { until: '2026-11-22T03:34:00Z', by: 'kim' };
    const body = withSnooze(withSnooze('text\n', snooze), later);
    expect(snoozeIn(body)).toEqual(later);
    expect(body.match(/gitmend:snooze/g)).toHaveLength(1);
    expect(withSnooze(body, undefined)).toBe('text\n');
  });

  it.each(['', 'text', '<!-- gitmend:snooze {"until":"soon","by":"alex"} -->', '<!-- gitmend:snooze nonsense -->'])(
    'is none where none can be read: %j',
    (body) => expect(snoozeIn(body)).toBeUndefined(),
  );
});

describe('what happens afterwards', () => {
  const plan = { predicate: 'memory', window: 5, watch: 86_400, before: {} } as never as Parameters<
    typeof watchWords
  >[0];
  const signal = { name: 'LxcMemoryHigh' } as never;

  it('says for how long an alert is watched, where one is', () => {
    expect(watchWords({ ...plan, signal, alert: 'firing' } as never)).toBe(
      '; the alert is watched for 24 hours afterwards',
    );
    expect(watchWords({ ...plan, signal, alert: 'not-asked' } as never)).toBe('');
    expect(watchWords(plan)).toBe('');
  });

  it('says why none is asked', () => {
    expect(noAlertWords(plan)).toMatch(/answers none/);
    expect(noAlertWords({ ...plan, signal, alert: 'not-asked' } as never)).toMatch(/no Alertmanager/);
    expect(noAlertWords({ ...plan, signal, alert: 'firing' } as never)).toBe('');
  });

  it('names what no source shows, escaped', () => {
    expect(notObservedWords([])).toBe('');
    expect(notObservedWords(['a', 'b'], (text) => text.toUpperCase())).toMatch(/: A and B\.$/i);
  });
});

describe('the room of a comment', () => {
  const lines = (amount: number) => 'line\n'.repeat(amount);

  it('gives everything that is readable where there is room', () => {
    expect(fitting(100_000, ({ stacks }) => lines(stacks))).toBe(lines(readable.stacks));
  });

  it('gives up the stacks first, and as few of them as it must', () => {
    expect(fitting(500, ({ stacks, steps }) => lines(steps) + lines(stacks))).toBe(lines(readable.steps + 60));
  });

  it('cuts what does not fit even then', () => {
    expect(fitting(50, () => lines(100)).length).toBeLessThanOrEqual(50);
  });
});
