import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../../src/core/run.ts';
import { chartOf } from '../../../src/web/view/chart.ts';

const from = Date.parse('2026-11-20T03:41:07Z');
const until = from + 600_000;

function look(seconds: number, observed: { [name: string]: number }): JournalEntry & { kind: 'look' } {
  return {
    kind: 'look',
    state: 'holds',
    why: '',
    observed,
    at: new Date(from + seconds * 1000).toISOString().replace('.000', ''),
  };
}

describe('the chart of looks', () => {
  it('draws each figure over the window, and names its last value', () => {
    const chart = chartOf(
      [look(0, { usage: 0.64, stalls: 0.004 }), look(600, { usage: 0.62, stalls: 0.002 })],
      from,
      until,
      until,
    );
    expect(chart?.lines.map(({ name, last }) => `${name} ${last}`)).toEqual([
      'memory in use 62 %',
      'stalled on memory 0.2 %',
    ]);
    expect(chart?.lines[0]?.points).toBe('72,70.3 628,73.6');
    expect(chart?.now).toBeUndefined();
  });

  it('tells lines apart by their dashes', () => {
    const chart = chartOf([look(0, { usage: 0.5, stalls: 0, cpuStalls: 0 })], from, until, from);
    expect(new Set(chart?.lines.map(({ dash }) => dash)).size).toBe(3);
  });

  it('marks now while the window is open', () => {
    expect(chartOf([look(0, { usage: 0.5 })], from, until, from + 300_000)?.now).toBe(350);
  });

  it('keeps what is more than all, or out of the window, inside its frame', () => {
    const chart = chartOf([look(-60, { usage: 1.7 }), look(9000, { usage: -1 })], from, until, until);
    expect(chart?.lines[0]?.points).toBe('72,12 628,174');
  });

  it('says the same in words', () => {
    expect(chartOf([look(0, { usage: 0.5 })], from, until, until)?.words).toBe('memory in use: 1 looks, last 50 %');
  });

  it('is none where no look saw a figure', () => {
    expect(chartOf([look(0, {})], from, until, until)).toBeUndefined();
  });
});
