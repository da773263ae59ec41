import type { Applier } from '../../src/appliers/applier.ts';
import type { Ground } from '../../src/deliver/world.ts';

/** Told before and after every call that reaches git, the forge or a live system: `before repo.push`. */
export type Hook = (point: string) => void | Promise<void>;

/** What a process can be killed at: everything that it does to the world, and the looks that decide what it does. */
export const transitions = /\.(push|apply|observe|revertPending|write|merge|close|ensure\w+)$/;

/**
 * The same ground with a hook around every call whose name `which` matches. The points are found by being passed, so
 * that a new step of the line is one of them without being listed anywhere.
 */
export function hooked(ground: Ground, hook: Hook, which: RegExp = transitions): Ground {
  const around = <T extends object>(name: string, object: T): T => wrapped(name, object, hook, which);
  return {
    ...ground,
    repo: around('repo', ground.repo),
    forge: around('forge', ground.forge),
    seenRecords: around('seen', ground.seenRecords),
    ownRuns: around('own', ground.ownRuns),
    ownHeads: around('heads', ground.ownHeads),
    engines: (rules) => {
      const engines = ground.engines(rules);
      const { ansible, terraform } = engines;
      return {
        ...engines,
        applier: (name) => around<Applier>('applier', engines.applier(name)),
        ...(ansible === undefined
          ? {}
          : {
              ansible: (basis) => {
                const runner = ansible(basis);
                return { ...runner, applier: around<Applier>('applier', runner.applier) };
              },
            }),
        ...(terraform === undefined
          ? {}
          : {
              terraform: (basis) => {
                const engine = terraform(basis);
                return { ...engine, applier: () => around<Applier>('applier', engine.applier()) };
              },
            }),
      };
    },
  };
}

function wrapped<T extends object>(prefix: string, object: T, hook: Hook, which: RegExp): T {
  const entries = Object.entries(object).map(([name, value]: [string, unknown]) => {
    const point = `${prefix}.${name}`;
    if (typeof value !== 'function' || !which.test(point)) return [name, value];
    const call = value as (...given: unknown[]) => Promise<unknown>;
    return [
      name,
      async (...given: unknown[]) => {
        await hook(`before ${point}`);
        const answer = await call(...given);
        await hook(`after ${point}`);
        return answer;
      },
    ];
  });
  return Object.fromEntries(entries) as T;
}

/** What a process that was killed would say, if it could say anything. Never a GitmendError: nobody may handle it. */
export class Killed extends Error {
  constructor(point: string) {
    super(`killed ${point}`);
  }
}

/**
 * A ground whose process is killed at a point that `when` picks: from then on nothing that it still tries reaches the
 * world, not even what it would do to tidy up.
 */
export function mortal(ground: Ground, when: (point: string, count: number) => boolean, which?: RegExp): Ground {
  let count = 0;
  let dead: Killed | undefined;
  const die: Hook = (point) => {
    if (dead !== undefined) throw dead;
    count += 1;
    if (!when(point, count)) return;
    dead = new Killed(point);
    throw dead;
  };
  return hooked(ground, die, which);
}
