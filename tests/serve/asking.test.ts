import { describe, expect, it } from 'vitest';
import { GitmendError } from '../../src/core/errors.ts';
import type { SaidComment } from '../../src/forges/forge.ts';
import { asking, type Asking } from '../../src/serve/asking.ts';
import { openMetrics } from '../../src/serve/metrics.ts';
import { testClock } from '../support/test-clock.ts';

type Said = () => Promise<{ comments: SaidComment[]; cursor: string }>;

/** The pass over a forge of which only the comments are asked for. */
function standing(saidSince: Said) {
  const cursors = new Map<string, string>();
  const logged: string[] = [];
  const seen = { answered: 0, boards: 0 };
  const ground = { forge: { kind: 'gitea', self: 'gitmend', saidSince } } as unknown as Asking['ground'];
  const metrics = openMetrics();
  const loop = asking({
    ground,
    store: {
      cursors: {
        get: async (name: string) => cursors.get(name),
        set: async (name: string, value: string) => void cursors.set(name, value),
      },
    } as Asking['store'],
    metrics,
    log: (event, details) => logged.push(`${event} ${String(details?.['code'])}`),
    clock: testClock(),
    hasBoard: () => {
      seen.boards += 1;
      return false;
    },
    answered: () => (seen.answered += 1),
  });
  return { ...loop, logged, seen, cursors, metrics };
}

describe('the look at what people wrote', () => {
  it('says once that the forge is away, and once more when it is away again', async () => {
    const answers: (GitmendError | undefined)[] = [away(), away(), undefined, away()];
    const { pass, logged, metrics } = standing(async () => {
      const next = answers.shift();
      if (next !== undefined) throw next;
      return { comments: [], cursor: '1' };
    });
    for (let look = 0; look < 4; look += 1) expect(await pass()).toBe(15_000);
    expect(logged).toEqual(['commands-failed FORGE_FAILED', 'commands-failed FORGE_FAILED']);
    const { text } = await metrics.print();
    expect(text).toContain('gitmend_passes_total{loop="commands",result="FORGE_FAILED"} 3');
    expect(text).toContain('gitmend_passes_total{loop="commands",result="done"} 1');
  });

  it('remembers how far it has looked, and asks for nothing to be planned where nobody asked', async () => {
    const { pass, cursors, seen } = standing(async () => ({ comments: [], cursor: '7' }));
    await pass();
    expect([...cursors.values()]).toEqual(['7']);
    expect(seen).toMatchObject({ answered: 0, boards: 1 });
  });
});

function away(): GitmendError {
  return new GitmendError('FORGE_FAILED', 'git.home.lan does not answer');
}
