import { homeLab, type World } from '../../simulators/pve/index.ts';
import { linesOf } from '../../src/cli/drift.ts';
import type { PullRequest } from '../../src/forges/forge.ts';
import { driftPass } from '../../src/pipeline/drift.ts';
import { type DeliverLab, deliverLab, type Files, shortWindow } from '../support/deliver-lab.ts';

export const minutes = 60_000;
export const yaml = 'guests/postgres.yaml';

/** A lab that gitmend has seen for the first time, so what was live then is applied; and looks for drift in it. */
export interface DriftLab extends DeliverLab {
  /** One look, ten minutes after the last one unless told: what it says. */
  look(after?: number): Promise<string[]>;
  drifts(state?: 'open' | 'all'): Promise<PullRequest[]>;
  /** Memory of postgres is changed on the node, and seen twice. */
  drifted(memory?: number): Promise<PullRequest>;
}

/** `trouble`: what is live before gitmend looks for the first time. */
export async function driftLab(begin: Files = shortWindow, trouble?: (world: World) => void): Promise<DriftLab> {
  const live = (world: World) => {
    trouble?.(world);
    return world;
  };
  const lab = await deliverLab({ begin, trouble: (_world, now) => live(homeLab(now)) });
  await driftPass(lab.read);
  const look = async (after = 10) => {
    lab.clock.advance(after * minutes);
    return linesOf(await driftPass(lab.read));
  };
  const drifts = async (state: 'open' | 'all' = 'open') => {
    const all = await lab.lab.forge.pullRequests({ state });
    return all.filter(({ branch }) => branch.startsWith('gitmend/drift/'));
  };
  return {
    ...{ ...lab, look, drifts },
    async drifted(memory = 4096) {
      lab.setLive(200, { memory });
      await look();
      await look();
      const [pr] = await drifts();
      if (pr === undefined) throw new Error('no drift pull request');
      return pr;
    },
  };
}

/** A short window, and these lines more in gitmend.yaml. */
export const withRules = (text: string): Files => ({
  'gitmend.yaml': (file) => `${file.replace('window: 5s', 'window: 1s')}${text}\n`,
});
