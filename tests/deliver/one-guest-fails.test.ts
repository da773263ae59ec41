import { afterEach, describe, expect, it } from 'vitest';
import { type ErrorCode, GitmendError } from '../../src/core/errors.ts';
import { failureOf } from '../../src/deliver/held.ts';
import type { JudgedUnit, Truth } from '../../src/deliver/truth.ts';
import type { Ground } from '../../src/deliver/world.ts';
import { runnerPass } from '../../src/pipeline/deliver.ts';
import { type DeliverLab, deliverLab, type Files, set, shortWindow } from '../support/deliver-lab.ts';

let lab: DeliverLab | undefined;
afterEach(async () => {
  expect(await lab?.close()).toEqual(lab && []);
  lab = undefined;
});

/** Room between two values, so that two pull requests that change one each do not conflict. */
const apart: Files = {
  ...shortWindow,
  'guests/postgres.yaml': (text) => text.replace('memory:', '# The smallest\n# that it needs\n# and no more.\nmemory:'),
};

/** Merged as approved, in this order; a pass of the runner first, so that everything is adopted. */
async function merged(...changes: Files[]): Promise<[DeliverLab, number[]]> {
  const made = (lab = await deliverLab({ begin: apart }));
  await made.pass();
  const numbers: number[] = [];
  for (const files of changes) numbers.push(await made.propose(`change-${numbers.length}`, files));
  await made.plan();
  made.clock.advance(120_000);
  for (const number of numbers) await made.merge(number);
  return [made, numbers];
}

const postgres = { 'guests/postgres.yaml': set('memory', 3072) };
const nextcloud = { 'guests/nextcloud.yaml': set('memory', 5120) };
const gitea = { 'guests/gitea.yaml': set('memory', 3072) };

/** The runner where Proxmox VE answers to any look at one guest with this error. */
function failing(ground: Ground, vmid: number, code: ErrorCode): Ground {
  const fail = (target: string) => {
    if (target.endsWith(`/${vmid}`)) throw new GitmendError(code, `GET /nodes/pve1/lxc/${vmid}/config on home`);
  };
  return {
    ...ground,
    engines(rules) {
      const engines = ground.engines(rules);
      const applier: typeof engines.applier = (name) => {
        const real = engines.applier(name);
        return { ...real, observe: async (step) => (fail(step.target), real.observe(step)) };
      };
      return { ...engines, applier };
    },
  };
}

/** Guests in the order in which they were written to. */
const written = ({ lab: { pve } }: DeliverLab) =>
  pve.requests.flatMap(({ method, path }) => (method === 'GET' ? [] : [Number(/\/(\d+)\//.exec(path)?.[1])]));
const outcomesOf = async (made: DeliverLab) =>
  (await made.records()).map(({ pullRequest, outcome }) => [pullRequest?.number, outcome]).slice(1);

describe('a guest that Proxmox VE fails for', () => {
  it.each(['error-500', 'error-596'] as const)('holds up no other guest, and goes on later (%s)', async (fault) => {
    const [made, [bad = 0, good = 0]] = await merged(postgres, nextcloud);
    const { faults } = made.lab.pve;
    faults.inject({ fault, path: /\/lxc\/200\//, count: 10_000 });
    const { waiting, events } = await made.pass();
    expect(waiting).toEqual([expect.stringMatching(new RegExp(`^#${bad}: PVE_[A-Z]+: GET .*/lxc/200/.* on home: `))]);
    expect(events).toContainEqual(expect.stringContaining(`#${good} applied: nextcloud`));
    await made.run();
    expect([made.live(200), made.live(201)]).toEqual([2048, 5120]);
    expect(await outcomesOf(made)).toEqual([[good, 'verified']]);
    faults.clear();
    await made.run();
    expect(made.live(200)).toBe(3072);
    expect(await outcomesOf(made)).toEqual([
      [good, 'verified'],
      [bad, 'verified'],
    ]);
  });

  it.each(['PVE_FORBIDDEN', 'PVE_TIMEOUT', 'PVE_NOT_FOUND'] as const)(
    'is asked, said and logged once a pass (%s)',
    async (code) => {
      const [made, [bad]] = await merged(postgres, nextcloud, gitea);
      const logged: unknown[] = [];
      const log: Ground['log'] = (event, details) => {
        if (event === 'run-failed') logged.push(details);
      };
      const { waiting, failed } = await runnerPass(failing({ ...made.write, log }, 200, code));
      const message = 'GET /nodes/pve1/lxc/200/config on home';
      expect(waiting).toEqual([`#${bad ?? 0}: ${code}: ${message}`]);
      expect(failed).toMatchObject([{ code, message }]);
      expect(logged).toEqual([{ pullRequest: bad, code, message }]);
      expect([made.live(200), made.live(201), made.live(204)]).toEqual([2048, 5120, 3072]);
    },
  );

  it('loses nothing where a later merge is recorded first and another machine goes on', async () => {
    const [made, [bad = 0, good = 0]] = await merged(postgres, nextcloud);
    const there = failing(made.write, 200, 'PVE_FAILED');
    for (let pass = 0; pass < 3; pass += 1) made.clock.reach((await runnerPass(there)).next ?? 0);
    expect(await outcomesOf(made)).toEqual([[good, 'verified']]);
    const nothing = { tip: async () => undefined, note: async () => undefined };
    made.write.ownRuns = nothing;
    await made.run();
    expect(await outcomesOf(made)).toEqual([
      [good, 'verified'],
      [bad, 'verified'],
    ]);
  });

  it('is never overtaken on its own target, and what waits for it is not overtaken either', async () => {
    const cores = { 'guests/postgres.yaml': set('cores', 3) };
    const [made, [bad = 0, behind = 0, good = 0]] = await merged(postgres, cores, nextcloud);
    const { waiting } = await runnerPass(failing(made.write, 200, 'PVE_FAILED'));
    expect(waiting).toEqual([
      expect.stringContaining(`#${bad}: PVE_FAILED: `),
      `#${behind} waits for #${bad}, which was merged before it and is not applied yet`,
    ]);
    expect(made.writes()).toBe(0);
    await made.run();
    expect(written(made)).toEqual([200, 200, 201]);
    expect((await outcomesOf(made)).map(([number]) => number).sort()).toEqual([bad, behind, good].sort());
  });

  it('is applied before rules that were merged after it come into force', async () => {
    const rules = { 'policies/guests.yaml': (text: string) => `${text}\n# stricter\n` };
    const [made, [bad = 0, changed = 0]] = await merged(postgres, rules);
    const { waiting, truth } = await runnerPass(failing(made.write, 200, 'PVE_FAILED'));
    expect(waiting[1]).toBe(`#${changed} waits for #${bad}, which was merged before it and is not applied yet`);
    expect(truth.applied.rules).toBe((await made.records())[0]?.applied?.merge);
    const events = await made.run();
    const at = (number: number, words: string) => events.findIndex((line) => line.startsWith(`#${number} ${words}`));
    expect(at(bad, 'applied: postgres')).toBeGreaterThanOrEqual(0);
    expect(at(changed, 'verified')).toBeGreaterThan(at(bad, 'applied: postgres'));
  });
});

describe('what ends the pass of the runner', () => {
  it('is a Proxmox VE that cannot be reached', async () => {
    const [made] = await merged(postgres, nextcloud);
    await expect(runnerPass(failing(made.write, 200, 'PVE_UNREACHABLE'))).rejects.toThrow('lxc/200');
    expect(made.writes()).toBe(0);
  });

  const unit = { to: 'm', approval: { approved: true, plan: { pullRequest: 3, actions: 'sha256:0' } } };
  const judged = async (code: ErrorCode, clusters: number, tip?: string) => {
    const rules = { config: { clusters: Array.from({ length: clusters }) } };
    const repo = { tip: async () => tip };
    const error = new GitmendError(code, 'why');
    return (await failureOf({ repo } as never, { rules } as unknown as Truth, unit as JudgedUnit, error))?.why;
  };

  it('is what concerns all: git, the configuration, the only cluster, and a run that nothing keeps open', async () => {
    for (const code of ['GIT_FAILED', 'CONFIG_INVALID', 'INTERNAL', 'FORGE_FAILED'] as const)
      expect(await judged(code, 2, 'tip'), code).toBeUndefined();
    for (const code of ['PVE_UNREACHABLE', 'PVE_UNTRUSTED', 'PVE_UNAUTHENTICATED'] as const) {
      expect(await judged(code, 1, 'tip'), code).toBeUndefined();
      expect(await judged(code, 2, 'tip'), code).toBe(`#3: ${code}: why`);
    }
    expect(await judged('PVE_FAILED', 1, 'tip')).toBe('#3: PVE_FAILED: why');
    expect(await judged('PVE_FAILED', 1)).toBeUndefined();
  });
});
