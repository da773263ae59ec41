/**
 * What can go wrong with one request. `before` and `after` are meant of the effect: after it, the caller learns nothing
 * and the lab is changed all the same.
 *
 * - `timeout-*`: no answer ever comes; the connection stays open until the caller or `close()` ends it.
 * - `reset-*`: the connection is reset (RST) without an answer.
 * - `error-500`, `error-596`: such an answer, without the effect. 596 is what pveproxy says when pvedaemon or the other node
 *   does not answer its request in 30 s (pve-http-server `proxy_request`, AnyEvent::HTTP's own codes).
 * - `error-596-after`: the same with the effect: pvedaemon finished after pveproxy had given up.
 * - `slow`: the usual answer, `milliseconds` of real time later.
 * - `task-failure`: the request gets its UPID, the task ends with `message` and without its effect.
 * - `locked`: the guest is found locked (`lock`, "backup" where none is given) by this request only.
 * - `400-after-write`: a configuration PUT that is refused after part of it was written.
 */
export type Fault =
  | { fault: 'timeout-before' | 'timeout-after' | 'reset-before' | 'reset-after' }
  | { fault: 'error-500' | 'error-596' | 'error-596-after'; message?: string }
  | { fault: 'slow'; milliseconds: number }
  | { fault: 'task-failure'; message: string }
  | { fault: 'locked'; lock?: string }
  | { fault: '400-after-write' };

/** Which request: all that is given must match. `count` of them (1 unless told). */
export type Injection = Fault & { method?: string; path?: RegExp; count?: number };

export interface Faults {
  /** Arms a fault for the next matching request or requests. */
  inject: (injection: Injection) => void;
  /** Disarms what has not struck yet. */
  clear: () => void;
  /** How many are still to strike. */
  readonly pending: number;
  /** The fault of this request, if one is armed for it; it counts as struck. */
  take: (method: string, path: string) => Fault | undefined;
}

export function makeFaults(): Faults {
  let armed: { injection: Injection; left: number }[] = [];
  return {
    inject: (injection) => void armed.push({ injection, left: injection.count ?? 1 }),
    clear: () => void (armed = []),
    get pending() {
      return armed.reduce((sum, { left }) => sum + left, 0);
    },
    take(method, path) {
      const found = armed.find(({ injection }) => matches(injection, method, path));
      if (!found) return undefined;
      found.left -= 1;
      armed = armed.filter(({ left }) => left > 0);
      return found.injection;
    },
  };
}

function matches(injection: Injection, method: string, path: string): boolean {
  return (injection.method ?? method) === method && (injection.path?.test(path) ?? true);
}
