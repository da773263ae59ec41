/**
 * What can go wrong with one request.
 *
 * - `status`: such an answer in place of the effect; `after`: with the effect, which nobody is told of.
 * - `reset`: the connection breaks; `after`: when the effect is there.
 * - `nulls`: a list that holds `null` before each of its entries.
 * - `headers`: the right answer, with these headers.
 */
export type Fault =
  | { fault: 'status'; status: number; headers?: { [name: string]: string }; message?: string; after?: boolean }
  | { fault: 'reset'; after?: boolean }
  | { fault: 'nulls' }
  | { fault: 'headers'; headers: { [name: string]: string } };

/** Whether it strikes before anything is done. */
export function strikesFirst(fault: Fault): boolean {
  return (fault.fault === 'status' || fault.fault === 'reset') && fault.after !== true;
}

/** Which request: by method and path below the API's root. `count` of them (1 unless told). */
export type Injection = Fault & { method?: string; path?: RegExp; count?: number };

export interface Faults {
  inject: (injection: Injection) => void;
  readonly pending: number;
  /** The fault of this request, if one is armed for it; it counts as struck. */
  take: (method: string, path: string) => Fault | undefined;
}

export function makeFaults(): Faults {
  let armed: { injection: Injection; left: number }[] = [];
  return {
    inject: (injection) => void armed.push({ injection, left: injection.count ?? 1 }),
    get pending() {
      return armed.length;
    },
    take(method, path) {
      const found = armed.find(
        ({ injection }) =>
          (injection.method ?? method) === method && (injection.path === undefined || injection.path.test(path)),
      );
      if (found === undefined) return undefined;
      found.left -= 1;
      armed = armed.filter(({ left }) => left > 0);
      return found.injection;
    },
  };
}
