import { expect, onTestFinished } from 'vitest';
import type { LoggedRequest, Pve, PveOptions, World } from '../../simulators/pve/index.ts';
import { homeLab, memoryShort, startPve } from '../../simulators/pve/index.ts';
import { pveContract } from './pve-contract.ts';

/** The moment at which every test's lab stands: 2026-11-20T03:34:00Z. */
export const labTime = Date.parse('2026-11-20T03:34:00Z');

export interface LabSetUp extends Omit<PveOptions, 'clock' | 'world' | 'onRequest'> {
  /** Changes the home lab, which is otherwise in the scenario *memory*. */
  world?: (world: World, now: number) => World;
  /** The test makes bad requests on purpose, or looks at an answer that PVE gives against its own description. */
  offContract?: boolean;
}

const contract = pveContract();

/**
 * A simulator for one test: its clock stands still but for `advance`, it is closed at the test's end, and every request and
 * answer was then right by PVE's own description (where that is present).
 */
export async function pveLab({ world = memoryShort, offContract = false, ...options }: LabSetUp = {}): Promise<Pve> {
  const violations: string[] = [];
  const onRequest = ({ method, path, parameters, data }: LoggedRequest): void => {
    if (offContract) return;
    violations.push(...contract.check(method, path, parameters));
    if (data !== undefined) violations.push(...contract.checkAnswer(method, path, data));
  };
  const lab = world(homeLab(labTime), labTime);
  const pve = await startPve({ ...options, world: lab, clock: { now: () => labTime }, onRequest });
  onTestFinished(async () => {
    await pve.close();
    expect(violations).toEqual([]);
  });
  return pve;
}
