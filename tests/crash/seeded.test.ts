import { expect, it, vi } from 'vitest';
import { openHome } from '../support/memory-home.ts';
import { random } from '../support/random.ts';
import { judge, type Judged } from './seeded/checks.ts';
import { playRound, type Round } from './seeded/round.ts';

// A timeout then takes no time, and a thousand runs a few minutes. Everything above the wire is the real thing.
vi.mock('../../src/clients/proxmox/transport.ts', async () => ({
  exchange: (await import('../support/direct-pve.ts')).exchangeDirectly,
}));

const wanted = Number(process.env['GITMEND_RUNS'] ?? 1000);
const seed = Number(process.env['GITMEND_SEED'] ?? 20261120);
/** A home with a short history is quick to read. */
const roundsPerHome = 5;

it(
  `${wanted} runs by the seed ${seed}: never two effects, never a lost run, always a named outcome`,
  { timeout: 1_800_000 },
  async () => {
    const total = { runs: 0, killed: 0, together: 0, faults: 0, edits: 0 };
    const outcomes = new Map<string, number>();
    for (let number = 0; total.runs < wanted; number += 1) {
      const home = await openHome(random(seed + number));
      for (let at = 0; at < roundsPerHome && total.runs < wanted; at += 1) {
        const round = await playRound(home, `round-${at}`);
        const judged = await judge(home, round);
        expect(judged.faults, told(`GITMEND_SEED=${seed + number}, round ${at + 1}`, round, judged)).toEqual([]);
        for (const outcome of judged.outcomes) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        total.runs += judged.outcomes.filter((outcome) => outcome !== 'no run').length;
        for (const [name, count] of Object.entries(round.counts)) total[name as keyof Round['counts']] += count;
      }
    }
    report(total, outcomes);
  },
);

function report(total: Round['counts'] & { runs: number }, outcomes: ReadonlyMap<string, number>): void {
  const words = [...outcomes].toSorted().map(([outcome, count]) => `${count} ${outcome}`);
  console.log(
    `seed ${seed}: ${total.runs} runs, never two effects of one, none without its record; ` +
      `${total.killed} runners killed, ${total.together} ran beside another, ${total.faults} faults of Proxmox VE, ` +
      `${total.edits} edits by hand\n${words.join(', ')}`,
  );
}

function told(where: string, { story, waiting }: Round, { outcomes }: Judged): string {
  return [where, ...story, `waiting: ${waiting.join('; ')}`, `outcomes: ${outcomes.join(', ')}`].join('\n');
}
