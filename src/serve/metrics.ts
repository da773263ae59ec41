import type { Registered } from './metrics-registry.ts';

/** Counts, by labels. */
export interface Tally<L extends string> {
  inc(labels: Labels<L>): void;
}

/** Says how much of something there is now, by labels. */
export interface Level<L extends string> {
  set(labels: Labels<L>, value: number): void;
}

/** Measures how long something takes: what it returns is called at its end. */
export interface Stopwatch {
  startTimer(): () => void;
}

type Labels<L extends string> = { [name in L]: string };

/** What `GET /metrics` shows. Names of labels and outcomes are those of docs/outcomes.md. */
export interface Metrics {
  build: Level<'version'>;
  deliveries: Tally<'door' | 'result' | 'reason'>;
  waiting: Level<'box'>;
  diagnoses: Tally<'outcome' | 'family'>;
  /** Counted from the records, so that it is the same after a restart and on every replica. */
  runs: Level<'outcome'>;
  open: Level<'state'>;
  forgeWrites: Tally<'intent' | 'result'>;
  forgeWaits: Tally<never>;
  refusedRequests: Tally<'reason'>;
  /** Before a request was read: their address held its share, or the listener was full. */
  turnedConnections: Tally<'reason'>;
  logins: Tally<'result'>;
  /** Of the state of Terraform. */
  stateRequests: Tally<'method' | 'result'>;
  passes: Tally<'loop' | 'result'>;
  acknowledged: Stopwatch;
  healed: Stopwatch;
  planned: Stopwatch;
  /** Loads what prints them; until then they are kept in line. */
  load(): Promise<void>;
  print(): Promise<{ type: string; text: string }>;
}

type Told = (all: Registered) => void;

/**
 * The figures of this process. prom-client is a quarter of what a start would load, and nobody reads figures that early:
 * it is loaded with the first reading or by `load`, and gets then what was counted before.
 */
export function openMetrics(): Metrics {
  let registered: Registered | undefined;
  let loading: Promise<Registered> | undefined;
  const line: Told[] = [];
  const load = (): Promise<Registered> => {
    loading ??= import('./metrics-registry.ts').then(({ register }) => {
      registered = register();
      for (const told of line.splice(0)) told(registered);
      return registered;
    });
    return loading;
  };
  const tell = (told: Told): void => {
    if (registered === undefined) line.push(told);
    else told(registered);
  };
  return {
    ...figures(tell),
    load: async () => {
      await load();
    },
    print: async () => {
      const { registry } = await load();
      return { type: registry.contentType, text: await registry.metrics() };
    },
  };
}

function figures(tell: (told: Told) => void): Omit<Metrics, 'load' | 'print'> {
  const stopwatch = (name: 'acknowledged' | 'healed' | 'planned'): Stopwatch => ({
    startTimer: () => {
      const begun = performance.now();
      return () => {
        const seconds = (performance.now() - begun) / 1000;
        tell((all) => all[name].observe(seconds));
      };
    },
  });
  return {
    build: { set: (labels, value) => tell((all) => all.build.set(labels, value)) },
    deliveries: { inc: (labels) => tell((all) => all.deliveries.inc(labels)) },
    waiting: { set: (labels, value) => tell((all) => all.waiting.set(labels, value)) },
    diagnoses: { inc: (labels) => tell((all) => all.diagnoses.inc(labels)) },
    runs: { set: (labels, value) => tell((all) => all.runs.set(labels, value)) },
    open: { set: (labels, value) => tell((all) => all.open.set(labels, value)) },
    forgeWrites: { inc: (labels) => tell((all) => all.forgeWrites.inc(labels)) },
    forgeWaits: { inc: (labels) => tell((all) => all.forgeWaits.inc(labels)) },
    refusedRequests: { inc: (labels) => tell((all) => all.refusedRequests.inc(labels)) },
    turnedConnections: { inc: (labels) => tell((all) => all.turnedConnections.inc(labels)) },
    logins: { inc: (labels) => tell((all) => all.logins.inc(labels)) },
    stateRequests: { inc: (labels) => tell((all) => all.stateRequests.inc(labels)) },
    passes: { inc: (labels) => tell((all) => all.passes.inc(labels)) },
    acknowledged: stopwatch('acknowledged'),
    healed: stopwatch('healed'),
    planned: stopwatch('planned'),
  };
}
