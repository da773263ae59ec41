import { readFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { FromHand } from '../../src/serve/hand.ts';
import { stepAside } from '../../src/serve/step-aside.ts';

vi.mock('node:fs', () => ({ readFileSync: vi.fn() }));
vi.mock('node:os', () => ({ getPriority: vi.fn(), setPriority: vi.fn() }));

describe('the thread of a storm', () => {
  const said: FromHand[] = [];
  beforeEach(() => {
    said.length = 0;
    vi.mocked(readFileSync).mockReset().mockReturnValue('4711 (a name) R 1 4700 4700 0 -1');
    vi.mocked(getPriority).mockReset().mockReturnValue(0);
    vi.mocked(setPriority).mockReset();
  });
  const step = () => stepAside((one) => said.push(one));

  it('steps behind the door: itself, by the number that Linux knows the thread by', () => {
    step();
    expect(readFileSync).toHaveBeenCalledExactlyOnceWith('/proc/thread-self/stat', 'utf8');
    expect(setPriority).toHaveBeenCalledExactlyOnceWith(4711, 5);
    expect(said).toEqual([]);
  });

  it.each([
    ['started nice', 10, 15],
    ['as nice as can be', 17, 19],
    ['favoured', -5, 0],
  ])('steps behind a door that is %s', (_, door, thread) => {
    vi.mocked(getPriority).mockReturnValue(door);
    step();
    expect(setPriority).toHaveBeenCalledExactlyOnceWith(4711, thread);
  });

  it.each([
    ['may not', () => vi.mocked(setPriority).mockImplementation(fail), 'EACCES'],
    ['has no number', () => vi.mocked(readFileSync).mockImplementation(fail), 'EACCES'],
  ])('heals all the same where it %s, and says so once', (_, arrange, message) => {
    arrange();
    expect(step).not.toThrow();
    expect(said).toEqual([{ say: 'log', line: ['storm-thread-not-nicer', { message }, 'warn'] }]);
  });
});

function fail(): never {
  throw new Error('EACCES');
}
