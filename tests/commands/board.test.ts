import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Board, type BoardItem, boxesOf, printBoard } from '../../src/commands/board.ts';
import { type Box, type BoxDeed, boxWords, canHaveBox, tickedIn } from '../../src/commands/boxes.ts';
import { expectGolden } from './setting.ts';

const nothing: Board = { open: [], waiting: [], limited: [], snoozed: [], failed: [], said: [] };
const forged = '- [x] <!-- gitmend:box look/7 --> @all\n  - [x] <!-- gitmend:box look/7 -->';
const board: Board = {
  open: [
    {
      number: 7,
      title: 'postgres: memory 2048 → 3072 MiB',
      words: 'planned, approve, until 2026-11-21 03:34Z',
      boxes: ['look', 'snooze'],
    },
  ],
  waiting: [
    { number: 5, title: 'gitea: cores 2 → 3', words: 'verifying until 2026-11-20 03:44Z', boxes: ['observe'] },
    { title: '1a2b3c4', words: 'unapproved, pushed directly' },
  ],
  limited: [
    {
      fault: '3f9c1a04b5d2',
      title: 'frigate',
      words: '3 pull requests of heal are open, and the limit is 3',
      boxes: ['open'],
    },
    { fault: '77e0a1b2c3d4', title: 'web', words: 'the freeze "holidays" is on', boxes: ['again'] },
  ],
  snoozed: [
    { number: 4, title: 'nextcloud: memory 1024 → 1536 MiB', words: 'by ann until 2026-11-22 03:34Z', boxes: ['wake'] },
  ],
  failed: [
    { number: 3, title: forged, words: `unknown, ${forged}`, boxes: ['observe', 'seen'] },
    { number: 2, title: 'proxy: cores 1 → 2', words: 'expired without an approval', boxes: ['again', 'seen'] },
  ],
  said: [
    { of: '9', at: '2026-11-20T03:20:00Z', words: 'the snooze is ended; opened: #12 for proxy' },
    { of: '5', at: '2026-11-20T03:41:07Z', words: 'it is as it should be: usage 64 %' },
    { of: '3f9c1a04b5d9', at: '2026-11-20T03:42:00Z', words: `nothing is proposed for ${forged}` },
  ],
};

describe('the dashboard as text', () => {
  test('lists what there is, and outside text ticks no box', () => {
    const { title, body } = printBoard(board);
    expectGolden('dashboard.md', `# ${title}\n\n${body}`);
    expect(tickedIn(body, boxesOf(board))).toEqual([]);
  });

  test('says so when there is nothing', () => {
    const { title, body } = printBoard(nothing);
    expect(title).toBe('gitmend: all is well');
    expect(body).toContain('Nothing is open');
  });

  test('what was ticked last is still said when nothing is listed any more', () => {
    const { body } = printBoard({ ...nothing, said: board.said });
    expect(body).toContain('### Ticked within a day');
    expect(body).toContain('- #9 2026-11-20 03:20Z: the snooze is ended');
  });
});

describe('boxes that are ticked', () => {
  const all = boxesOf(board);
  const whole = printBoard(board).body;

  test('are all that the text shows, whatever ends its lines', () => {
    expect(all.map(({ deed, of }) => `${deed}/${of}`)).toEqual([
      ...['look/7', 'snooze/7', 'observe/5', 'open/3f9c1a04b5d2', 'again/77e0a1b2c3d4', 'wake/4'],
      ...['observe/3', 'seen/3', 'again/2', 'seen/2'],
    ]);
    for (const body of [whole, whole.replaceAll('\n', '\r\n')])
      expect(tickedIn(body.replaceAll('- [ ] ', '- [x] '), all)).toEqual(all);
  });

  test.each(Object.keys(boxWords))('of %s say what they do in a few words', (deed) => {
    const { length } = boxWords[deed as BoxDeed];
    expect(length).toBeGreaterThan(15);
    expect(length).toBeLessThan(54);
  });

  test.each([
    ['a deed that there is none of', '- [x] <!-- gitmend:box merge/7 -->'],
    ['what is not listed', '- [x] <!-- gitmend:box look/999 -->'],
    ['a deed that its line does not offer', '- [x] <!-- gitmend:box open/7 -->'],
    ['the deed of another line', '- [x] <!-- gitmend:box open/77e0a1b2c3d4 -->'],
    ['more than the number', '- [x] <!-- gitmend:box look/7/8 -->'],
    ['a line that is code', '    - [x] <!-- gitmend:box look/7 -->'],
    ['a quoted line', '> - [x] <!-- gitmend:box look/7 -->'],
    ['a box in the middle of a line', 'see - [x] <!-- gitmend:box look/7 -->'],
    ['one that is not ticked', '- [ ] <!-- gitmend:box look/7 -->'],
  ])('count for nothing: %s', (_, line) => {
    expect(tickedIn(line, all)).toEqual([]);
  });

  test('whatever the body is, nothing is done that is not offered', () => {
    const part = fc.oneof(
      fc.constantFrom(
        '- [x] <!-- gitmend:box ',
        '  - [X] ',
        'look',
        'merge',
        'apply',
        '/',
        '7',
        '3f9c1a04b5d2',
        ' -->',
        '\n',
      ),
      fc.string({ maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), fc.subarray(all), (parts, offered) => {
        const found = tickedIn(parts.join(''), offered);
        expect(found.every((box) => offered.includes(box))).toBe(true);
        expect(new Set(found).size).toBe(found.length);
      }),
    );
  });

  test('whatever is listed, exactly what was kept is ticked, and it is read back', () => {
    const deeds = fc.uniqueArray(fc.constantFrom(...(Object.keys(boxWords) as BoxDeed[])), { maxLength: 3 });
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom(forged, '- [x] a', '```\n<!--'),
    );
    const about = fc.oneof(
      fc.record({ number: fc.integer({ min: 1, max: 999_999_999 }) }),
      fc.record({
        fault: fc.string({ unit: fc.constantFrom('0', '1', '7', '9', 'a', 'f'), minLength: 12, maxLength: 12 }),
      }),
    );
    const item = fc
      .tuple(about, fc.record({ title: text, words: text, boxes: deeds }))
      .map(([one, rest]): BoardItem => ({ ...one, ...rest }));
    const key = ({ number, fault }: BoardItem) => fault ?? String(number);
    const items = fc.uniqueArray(item, { maxLength: 8, selector: key });
    fc.assert(
      fc.property(items, fc.integer({ min: 0, max: 255 }), text, (listed, mask, words) => {
        const said = listed.slice(0, 2).map((one) => ({ of: key(one), at: '2026-11-20T03:34:00Z', words }));
        const made: Board = { ...nothing, open: listed.slice(0, 4), failed: listed.slice(4), said };
        const offered = boxesOf(made);
        const kept = offered.filter((_, at) => ((mask >> (at % 8)) & 1) === 1);
        expect(tickedIn(printBoard(made, kept).body, offered)).toEqual(kept);
      }),
    );
  });

  test.each(['', '0', '07', '1234567890', '3F9C1A04B5D2', '3f9c1a04b5d', '7 -->', '7\n'])(
    'there is none about %j',
    (of) => {
      expect(canHaveBox(of)).toBe(false);
    },
  );
});

describe('a dashboard that is long', () => {
  const items = (words: string, count: number): BoardItem[] =>
    Array.from({ length: count }, (_, at) => ({ number: at + 1, title: words, words, boxes: ['look', 'snooze'] }));
  const all = (list: BoardItem[]): Board => ({
    ...{ open: list, waiting: list, limited: list, snoozed: list, failed: list },
    said: list.map(({ number = 0, words }) => ({ of: String(number), at: '2026-11-20T03:34:00Z', words })),
  });

  test.each(['_'.repeat(240), '<'.repeat(240), 'postgres: '.padEnd(240, 'a')])(
    'of %s is under every limit',
    (words) => {
      const { body } = printBoard(all(items(words, 300)));
      expect(body.length).toBeLessThan(60_000);
      expect(body).toMatch(/- and 2\d\d more\n/);
      expect(body).toContain('Closing this issue stops it');
    },
  );

  test('of 60 short lines shows 50 and counts the others', () => {
    const { body } = printBoard({ ...nothing, open: items('a', 60) });
    expect(body.match(/box look/g)).toHaveLength(50);
    expect(body).toContain('- and 10 more\n');
  });

  test('boxes of lines that are not shown are still those of the board', () => {
    const hidden: Box = { deed: 'look', of: '60' };
    expect(boxesOf({ ...nothing, open: items('a', 60) })).toContainEqual(hidden);
  });
});
