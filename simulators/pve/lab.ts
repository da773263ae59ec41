import type { Token, World } from './world.ts';
import type { Parameters, Values } from './parameters.ts';

/** A world with time: what handlers work on. */
export interface Lab {
  world: World;
  /** Milliseconds since the epoch on the lab's clock. */
  now: () => number;
  /** How long a task takes on that clock. */
  taskSeconds: number;
  /** What is still to happen, e.g. the end of a task. */
  due: { at: number; end: () => void }[];
  /** Lets everything happen whose time has come. */
  settle: () => void;
  /** Of the server's certificate. */
  fingerprint: string;
}

/** One request that has passed authentication, permission and validation. */
export interface Call {
  lab: Lab;
  token: Token;
  method: string;
  values: Values;
  /** Set by faults: see faults.ts. */
  trouble: Trouble;
  /** `total` beside `data` (pve-manager `set_result_attrib('total')`). */
  total?: number;
}

export interface Trouble {
  /** A lock that this one request finds held. */
  lock?: string;
  taskFailure?: string;
  /** The write happens in part and the answer is 400. */
  writtenThenRefused?: boolean;
}

/** Who may call: any token, or those with the privileges at the path (`any`: one of them is enough; `requires`: only with that parameter), or a mixture. */
export type Permission =
  | 'all'
  | { path: string; privileges: readonly string[]; any?: boolean; requires?: string }
  | { and: readonly Permission[] }
  | { or: readonly Permission[] };

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
export type Handle = (call: Call) => unknown;

export interface Route {
  method: Method;
  path: string;
  permission: Permission;
  parameters: Parameters;
  handle: Handle;
}

export function route(
  method: Method,
  path: string,
  permission: Permission,
  parameters: Parameters,
  handle: Handle,
): Route {
  return { method, path, permission, parameters, handle };
}

export interface LabOptions {
  world: World;
  clock: { now: () => number };
  taskSeconds: number;
  fingerprint: string;
}

/** A lab on the given clock; `advance` adds seconds to it. */
export function makeLab(options: LabOptions): Lab & { advance: (seconds: number) => void } {
  const { world, clock, taskSeconds, fingerprint } = options;
  let ahead = 0;
  const due: Lab['due'] = [];
  const now = (): number => clock.now() + ahead;
  const settle = (): void => {
    due.sort((a, b) => a.at - b.at);
    while (due[0] && due[0].at <= now()) due.shift()?.end();
  };
  const advance = (seconds: number): void => {
    ahead += seconds * 1000;
    settle();
  };
  return { world, now, taskSeconds, due, settle, fingerprint, advance };
}
