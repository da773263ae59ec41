import { describe, expect, it } from 'vitest';
import { beforeAndAfter, figuresNow, figuresOver } from '../../src/records/figures.ts';

describe('figures of a verification', () => {
  it('are named with their unit, and only those that were seen', () => {
    expect(figuresNow({ usage: 0.64, stalls: 0.004, oomKills: 0 })).toBe('usage 64 %, stalls 0.4 %');
    expect(figuresNow({ cpuStalls: 0.031 })).toBe('stalls on CPU 3.1 %');
    expect(figuresNow({})).toBe('');
  });

  it('are a range over the looks of a window', () => {
    expect(figuresOver([{ usage: 0.62, stalls: 0.004 }, { usage: 0.66 }], 600)).toBe(
      'usage 62–66 % and stalls below 1 % for 10 minutes',
    );
    expect(figuresOver([{ usage: 0.64 }], 5)).toBe('usage 64 % for 5 seconds');
    expect(figuresOver([], 60)).toBe('it ran as applied for 60 seconds');
  });

  it('stand before and after in a record', () => {
    expect(beforeAndAfter({ usage: 0.96, stalls: 0.31 }, [{ usage: 0.7 }, { usage: 0.64, oomKills: 0 }])).toEqual({
      oomKills: { after: 0 },
      stalls: { before: 0.31 },
      usage: { before: 0.96, after: 0.64 },
    });
    expect(beforeAndAfter({}, [])).toEqual({});
  });
});
