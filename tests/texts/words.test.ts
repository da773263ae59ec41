import { describe, expect, it } from 'vitest';
import * as words from '../../src/texts/words.ts';

describe('words that people read', () => {
  it.each([
    [words.printChange('memory', 2048, 3072), 'memory 2048 → 3072 MiB'],
    [words.printChange('cores', 2, 4), 'cores 2 → 4'],
    [words.printChange('swap', undefined, 512), 'swap none → 512 MiB'],
    [words.printChange('memory', 2048, null), 'memory 2048 → none'],
    [words.printChange('restart', 'running', 'restarted'), 'restart running → restarted'],
    [words.printValues({ memory: 3072, cores: 4, tags: ['a'] }), 'memory 3072 MiB, cores 4, tags ["a"]'],
    [words.printPercent(0.64), '64 %'],
    [words.printPercent(0.957), '96 %'],
    [words.printPercent(0.004), '0.4 %'],
    [words.printPercent(0), '0 %'],
    [words.printBytes(11.2 * 2 ** 30), '11.2 GiB'],
    [words.printBytes(512 * 2 ** 20), '512 MiB'],
    [words.printMebibytes(3 * 2 ** 30), '3072 MiB'],
    [words.printSpan(1), '1 second'],
    [words.printSpan(5), '5 seconds'],
    [words.printSpan(60), '60 seconds'],
    [words.printSpan(600), '10 minutes'],
    [words.printSpan(86_400), '24 hours'],
    [words.printSpan(14 * 86_400), '14 days'],
    [words.printSpan(-1), '0 seconds'],
    [words.printAge(4), '4 s'],
    [words.printAge(720), '12 min'],
    [words.printAge(10_800), '3 h'],
    [words.printAge(3 * 86_400), '3 d'],
    [words.clockOf('2026-11-20T03:41:07Z'), '03:41:07Z'],
    [words.minuteOf('2026-11-20T03:51:10Z'), '03:51Z'],
    [words.dayAndMinuteOf('2026-11-20T03:34:12Z'), '2026-11-20 03:34Z'],
    [words.counted(1, 'change'), '1 change'],
    [words.counted(2, 'lines changes', 'lines change'), '2 lines change'],
    [words.listed([]), ''],
    [words.listed(['a']), 'a'],
    [words.listed(['a', 'b', 'c']), 'a, b and c'],
    [words.capitalised('not locked'), 'Not locked'],
  ])('%s', (printed, expected) => {
    expect(printed).toBe(expected);
  });
});
