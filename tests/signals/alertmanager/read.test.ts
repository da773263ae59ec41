import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAlertmanager } from '../../../src/signals/alertmanager/index.ts';
import { payload } from './payload.ts';

function delivery(text: string) {
  const read = readAlertmanager(text);
  if (!read.ok) throw new Error(read.problems.join('; '));
  return read.delivery;
}

function problems(text: string, options = {}): string[] {
  const read = readAlertmanager(text, options);
  return read.ok ? [] : read.problems;
}

describe('a webhook of version 4', () => {
  it('becomes a delivery with times in UTC and without the end of year 1', () => {
    const read = delivery(payload());
    expect(read).toMatchObject({
      receiver: 'bot',
      status: 'firing',
      notificationReason: 'first notification',
      truncatedAlerts: 0,
    });
    expect(read.alerts[0]).toMatchObject({
      status: 'firing',
      startsAt: '2026-11-20T03:12:00Z',
      fingerprint: '1c9a6c1b2f3d4e5f',
    });
    expect(read.alerts[0]).not.toHaveProperty('endsAt');
  });

  it('passes without the fields that older senders omit, and with fields that nobody knows yet', () => {
    const older = payload({}, { notification_reason: undefined, routeLabels: undefined, truncatedAlerts: undefined });
    expect(delivery(older)).toMatchObject({ truncatedAlerts: 0 });
    expect(delivery(payload({ novelty: { deep: [1] } }, { surprise: 7 })).alerts).toHaveLength(1);
  });

  it('reads times with an offset as UTC', () => {
    expect(delivery(payload({ startsAt: '2026-11-20T05:12:00+02:00' })).alerts[0]?.startsAt).toBe(
      '2026-11-20T03:12:00Z',
    );
  });

  it('keeps how many alerts were left out', () => {
    expect(delivery(payload({}, { truncatedAlerts: 12 })).truncatedAlerts).toBe(12);
  });

  it('has the same id again, in any order, and another one for another state', () => {
    const one = JSON.parse(payload()) as { alerts: object[] };
    const [first] = one.alerts;
    const second = { ...first, fingerprint: 'ffffffffffffffff' };
    const id = (alerts: unknown[]) => delivery(JSON.stringify({ ...one, alerts })).id;
    expect(id([first, second])).toBe(id([second, first]));
    expect(id([first])).not.toBe(id([{ ...first, status: 'resolved' }]));
    expect(delivery(payload()).id).not.toBe(delivery(payload({}, { groupKey: 'other' })).id);
    expect(delivery(payload()).id).toBe(delivery(payload({ annotations: { summary: 'other words' } })).id);
  });

  it('gets a fingerprint of its labels where the sender has none', () => {
    const bare = delivery(payload({ fingerprint: undefined })).alerts[0]?.fingerprint;
    expect(bare).toMatch(/^[0-9a-f]{16}$/);
    expect(delivery(payload({ fingerprint: undefined })).alerts[0]?.fingerprint).toBe(bare);
  });
});

describe('what is not a webhook of version 4', () => {
  it('has every fault named at once, with its place', () => {
    const text = payload(
      { status: 'maybe', startsAt: 'yesterday', labels: { id: 200 } },
      { version: '3', receiver: 5 },
    );
    const found = problems(text);
    for (const place of ['version', 'receiver', 'alerts[0].status', 'alerts[0].labels.id']) {
      expect(
        found.some((problem) => problem.startsWith(`${place}: `)),
        place,
      ).toBe(true);
    }
    expect(found.some((problem) => problem.includes('alerts[0].startsAt: is not an RFC 3339 time'))).toBe(true);
  });

  it.each([
    ['', 'the payload is not JSON'],
    ['{"version":"4"', 'the payload is not JSON'],
    ['null', 'the payload: '],
    ['[]', 'the payload: '],
    ['"4"', 'the payload: '],
  ])('%j is refused in words', (text, problem) => {
    expect(problems(text)[0]).toContain(problem);
  });

  it('explains a custom payload', () => {
    expect(problems('{"text":"memory high"}').at(-1)).toContain('remove `payload:`');
  });

  it('is refused when it is huge, before it is parsed', () => {
    expect(problems(payload({ annotations: { text: 'x'.repeat(2000) } }), { maxBytes: 1000 })).toEqual([
      'the payload has more than 1000 bytes; send fewer alerts at once (max_alerts)',
    ]);
  });

  it('is measured in bytes, not in characters', () => {
    const text = payload({ annotations: { text: '€'.repeat(500) } });
    expect(problems(text, { maxBytes: text.length + 10 })).toHaveLength(1);
  });

  it('is refused when it is deep, before it is parsed', () => {
    const deep = `{"version":"4","x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    expect(problems(deep)).toEqual(['the payload nests 200001 deep, more than 32; a webhook needs 4']);
  });

  it('does not take brackets in texts for depth', () => {
    expect(problems(payload({ annotations: { text: '[{"\\'.repeat(100) } }))).toEqual([]);
  });

  it('is refused with more labels than an alert has, because a lost one would change who is meant', () => {
    const labels = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`l${index}`, 'x']));
    expect(problems(payload({ labels }))).toEqual(['alerts[0].labels: has more than 128 entries']);
  });

  it('names a hundred faults and counts the rest', () => {
    const alerts = Array.from({ length: 300 }, () => ({ status: 7 }));
    const found = problems(payload({}, { alerts }));
    expect(found).toHaveLength(101);
    expect(found.at(-1)).toMatch(/^and \d+ more$/);
  });
});

describe('hostile texts', () => {
  it('cannot reach a prototype', () => {
    const text = payload().replace('"id":"lxc/200"', '"__proto__":"x","constructor":"y","id":"lxc/200"');
    const labels = delivery(text).alerts[0]?.labels ?? {};
    expect(Object.getPrototypeOf(labels)).toBe(Object.prototype);
    expect(Object.hasOwn(labels, '__proto__')).toBe(false);
    expect(Object.hasOwn(labels, 'constructor')).toBe(true);
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });

  it('does not turn lxc/200 and a newline into lxc/200', () => {
    const labels = delivery(payload({ labels: { alertname: 'A', id: 'lxc/200\n', name: 'a\u202eb\u0000' } })).alerts[0]
      ?.labels;
    expect(labels).toMatchObject({ id: 'lxc/200\uFFFD', name: 'a\uFFFDb\uFFFD' });
  });

  it('are cut, visibly and between characters', () => {
    const name = delivery(payload({ labels: { alertname: '😀'.repeat(4000) } })).alerts[0]?.labels['alertname'] ?? '';
    expect(name.length).toBeLessThanOrEqual(1024);
    expect(name.endsWith('…')).toBe(true);
    expect(name.isWellFormed()).toBe(true);
  });

  it('with half a character are still a delivery', () => {
    expect(delivery(payload({}, { groupKey: 'x' }).replace('"groupKey":"x"', '"groupKey":"\\ud800"')).id).toMatch(
      /^sha256:/,
    );
  });

  it('never make the reader throw', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.json().map((json) => payload({}, { alerts: [JSON.parse(json)] })),
        ),
        (text) => {
          const read = readAlertmanager(text);
          if (!read.ok) expect(read.problems.length).toBeGreaterThan(0);
        },
      ),
    );
  });
});
